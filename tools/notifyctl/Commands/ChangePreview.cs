using System.Text.Json.Nodes;
using Notify.Core.Protocol;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;

namespace Notify.Ctl.Commands;

/// <summary>Says what changes would do, and makes none.</summary>
internal static class ChangePreview
{
    private const string Conflict = "conflict";

    private static readonly Dictionary<string, Ink> Inks = new(StringComparer.Ordinal)
    {
        ["created"] = Ink.Green,
        ["updated"] = Ink.Yellow,
        ["deleted"] = Ink.Red,
        [Conflict] = Ink.Red,
    };

    /// <summary>Prints what would become of each object.</summary>
    /// <exception cref="CtlException">A condition would not hold.</exception>
    public static async Task<ExitCode> ShowAsync(CommandContext context, IReadOnlyList<PlannedChange> changes, CancellationToken cancellationToken)
    {
        var current = await CurrentObjects.ReadAsync(context.Node, [.. changes.Select(change => (change.Type, change.Key))], cancellationToken);
        var words = changes.Zip(current, WordOf).ToList();
        if (context.Format == OutputFormat.Table)
            WriteLines(context, changes, words);
        else
            context.WriteValue(ToJson(context, changes, words));
        var conflicts = words.Count(word => word == Conflict);
        return conflicts == 0
            ? ExitCode.Ok
            : throw new CtlException(ExitCode.ConditionFailed, $"{conflicts} of the objects {(conflicts == 1 ? "is" : "are")} not at the expected revision.");
    }

    /// <summary>Prints objects that are to be deleted.</summary>
    public static void WriteDeletes(Terminal terminal, IEnumerable<PlannedChange> deletes)
    {
        foreach (var change in deletes)
            terminal.Line($"  {terminal.Paint(change.Name, Ink.Red)}  revision {change.Revision}");
    }

    private static string WordOf(PlannedChange change, ObjectView? current)
    {
        if (change.Revision is { } revision && revision != (current?.Revision ?? 0))
            return Conflict;
        if (change.Put is null)
            return ObjectChanges.Word(current is null ? WriteOutcome.NotFound : WriteOutcome.Deleted);
        return ObjectChanges.Word(current is null ? WriteOutcome.Created : current.Value.Value == change.Put.Value ? WriteOutcome.Unchanged : WriteOutcome.Updated);
    }

    private static void WriteLines(CommandContext context, IReadOnlyList<PlannedChange> changes, List<string> words)
    {
        foreach (var (change, word) in changes.Zip(words).Where(pair => Inks.ContainsKey(pair.Second)))
            context.Out.Line($"{context.Out.Paint(word.PadRight(8), Inks[word])}  {change.Name}");
        var counts = words.CountBy(word => word).Select(count => $"{count.Value} {count.Key}");
        context.Out.Line($"This would be: {(words.Count == 0 ? "nothing" : string.Join(", ", counts))}. Nothing was changed (--dry-run).");
    }

    private static JsonObject ToJson(CommandContext context, IReadOnlyList<PlannedChange> changes, List<string> words)
    {
        var objects = changes.Zip(words).Select(pair => (JsonNode)new JsonObject
        {
            ["type"] = pair.First.Type.ShortName,
            ["key"] = context.KeyToJson(pair.First.Type, pair.First.Key, plainNumbers: context.Format == OutputFormat.Yaml),
            ["outcome"] = pair.Second,
        });
        return new JsonObject { ["dryRun"] = true, ["objects"] = new JsonArray([.. objects]) };
    }
}
