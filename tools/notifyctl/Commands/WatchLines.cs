using System.Text.Json.Nodes;
using Notify.Core.Protocol;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary>Prints each change as a line, or as a document.</summary>
/// <param name="context">What the command works with.</param>
/// <param name="changesOnly">Not what is there at the beginning.</param>
internal sealed class WatchLines(CommandContext context, bool changesOnly) : IWatchView
{
    public void Show(WatchedChange change)
    {
        if (change.IsInitial && changesOnly)
            return;
        if (context.Format == OutputFormat.Table)
            WriteLine(change);
        else
            WriteDocument(change);
    }

    public void EndView(MirrorPosition position, bool isInitial, int count)
    {
        if (isInitial && context.Format == OutputFormat.Table)
            context.Error.Line($"{count} {(count == 1 ? "object" : "objects")} at revision {position.StoredRevision}; waiting for changes");
    }

    public Task FlushAsync() => context.Out.Writer.FlushAsync(CancellationToken.None);

    private static (string Word, Ink Ink) Name(WatchedChangeKind kind) => kind switch
    {
        WatchedChangeKind.Added => ("added", Ink.Green),
        WatchedChangeKind.Changed => ("changed", Ink.Yellow),
        WatchedChangeKind.Removed => ("removed", Ink.Red),
        _ => ("left", Ink.Red),
    };

    private void WriteLine(WatchedChange change)
    {
        var (word, ink) = Name(change.Kind);
        var name = change.Type?.NameOf(change.Id.Key) ?? $"{change.Id.Type} {Convert.ToHexString(change.Id.Key.Span)}";
        context.Out.Line($"{context.Out.Paint(word.PadRight(7), ink)}  {name}  revision {change.Revision}");
    }

    private void WriteDocument(WatchedChange change)
    {
        var plainNumbers = context.Format == OutputFormat.Yaml;
        JsonObject line = new()
        {
            ["event"] = Name(change.Kind).Word,
            ["type"] = KnownType.Shorten(change.Id.Type),
            ["key"] = context.KeyToJson(change.Type, change.Id.Key, plainNumbers),
            ["revision"] = change.Revision,
        };
        if (change is { Type: { } type, View: { } view })
            line["object"] = context.Text.ToJson(type.Descriptor.Parser.ParseFrom(view.Value.Value), plainNumbers);
        if (plainNumbers)
            new YamlWriter(context.Out.Writer).Write(line);
        else
            context.Out.Line(ObjectText.ToText(line, indented: false));
    }
}
