namespace Notify.Ctl;

/// <summary>Finds what somebody who mistyped a name meant.</summary>
internal static class Nearest
{
    /// <summary>The candidate that takes the fewest edits, or null where none is close.</summary>
    public static string? Of(string word, IEnumerable<string> candidates)
    {
        var best = candidates
            .Select(candidate => (Candidate: candidate, Edits: Edits(Fold(word), Fold(candidate))))
            .DefaultIfEmpty((Candidate: "", Edits: int.MaxValue))
            .MinBy(found => found.Edits);
        return best.Edits <= Math.Max(1, word.Length / 3) ? best.Candidate : null;
    }

    /// <summary><c>, did you mean 'x'?</c>, or nothing.</summary>
    public static string Question(string word, IEnumerable<string> candidates) =>
        Of(word, candidates) is { } meant ? $"; did you mean '{meant}'?" : "";

    // Case and the two ways to write a field name are no mistakes worth counting.
    private static string Fold(string word) => word.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static int Edits(string from, string to)
    {
        var before = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var row = new int[to.Length + 1];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = before[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(before[j], row[j - 1]) + 1);
            }
            before = row;
        }
        return before[^1];
    }
}
