namespace Notify.Ctl.Output;

/// <summary>What differs between two texts, line by line.</summary>
internal static class LineDiff
{
    private const int ContextLines = 3;

    // Beyond this the table would take more memory than anybody reads; then all that differs is one block.
    private const int CellsMax = 4_000_000;

    /// <summary>Every line of both: ' ' for one that both have, '-' for one of the first only, '+' for one of the second only.</summary>
    public static List<(char Sign, string Line)> Compare(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var start = 0;
        while (start < before.Count && start < after.Count && before[start] == after[start])
            start++;
        var end = 0;
        while (end < before.Count - start && end < after.Count - start && before[^(end + 1)] == after[^(end + 1)])
            end++;
        var lines = before.Take(start).Select(line => (' ', line)).ToList();
        AddMiddle(lines, [.. before.Skip(start).SkipLast(end)], [.. after.Skip(start).SkipLast(end)]);
        lines.AddRange(before.TakeLast(end).Select(line => (' ', line)));
        return lines;
    }

    /// <summary>The differences with a few lines around them, each part after a line <c>@@ -line,count +line,count @@</c> with the sign '@'.</summary>
    public static IEnumerable<(char Sign, string Line)> Hunks(IReadOnlyList<(char Sign, string Line)> lines)
    {
        var (before, after) = (1, 1);
        for (var i = 0; i < lines.Count;)
        {
            var end = EndOfHunk(lines, i);
            if (end == i)
            {
                (before, after, i) = (before + 1, after + 1, i + 1); // Far from any difference, so both have it.
                continue;
            }
            var hunk = lines.Skip(i).Take(end - i).ToList();
            var (removed, added) = (hunk.Count(line => line.Sign != '+'), hunk.Count(line => line.Sign != '-'));
            yield return ('@', $"@@ -{(removed == 0 ? 0 : before)},{removed} +{(added == 0 ? 0 : after)},{added} @@");
            foreach (var line in hunk)
                yield return line;
            (before, after, i) = (before + removed, after + added, end);
        }
    }

    /// <summary>Where a part that begins here ends, or here if none does: differences so close that their surroundings touch are one part.</summary>
    private static int EndOfHunk(IReadOnlyList<(char Sign, string Line)> lines, int start)
    {
        var end = start;
        for (var (i, reach) = (start, start + ContextLines); i < lines.Count && i <= reach; i++)
        {
            if (lines[i].Sign != ' ')
                (end, reach) = (i + 1, i + 1 + (ContextLines * 2));
        }
        return end == start ? start : Math.Min(lines.Count, end + ContextLines);
    }

    private static void AddMiddle(List<(char Sign, string Line)> lines, string[] before, string[] after)
    {
        var common = (long)before.Length * after.Length <= CellsMax ? CommonLengths(before, after) : null;
        var (i, j) = (0, 0);
        while (i < before.Length || j < after.Length)
        {
            if (common is not null && i < before.Length && j < after.Length && before[i] == after[j])
            {
                lines.Add((' ', before[i]));
                (i, j) = (i + 1, j + 1);
            }
            else if (i < before.Length && (common is null || j == after.Length || common[i + 1, j] >= common[i, j + 1]))
            {
                lines.Add(('-', before[i++]));
            }
            else
            {
                lines.Add(('+', after[j++]));
            }
        }
    }

    /// <summary>At i, j: how many lines the rests from there have in common, in order.</summary>
    private static int[,] CommonLengths(string[] before, string[] after)
    {
        var common = new int[before.Length + 1, after.Length + 1];
        for (var i = before.Length - 1; i >= 0; i--)
        {
            for (var j = after.Length - 1; j >= 0; j--)
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }
        return common;
    }
}
