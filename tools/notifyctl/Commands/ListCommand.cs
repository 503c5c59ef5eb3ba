using System.CommandLine;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;
using Notify.Ctl.Selecting;

namespace Notify.Ctl.Commands;

/// <summary><c>list TYPE</c>: shows objects.</summary>
internal static class ListCommand
{
    private const string Notes = """
        All objects are of one moment. A node that is still filling its mirror says so on standard error. With --watch the tables stay in place in a
        terminal and change with the objects; anywhere else, and with -o, it prints what watch does.


        """ + SelectionOptions.Notes;

    public static Command Create(CtlHost host)
    {
        var types = ObjectArguments.TypesOrAll();
        SelectionOptions selection = new();
        Option<bool> stored = new("--stored") { Description = "Only stored types: the objects that apply can write." };
        var minRevision = ObjectArguments.MinRevision();
        var revisions = ObjectArguments.Revisions();
        Option<bool> watch = new("--watch", "-w") { Description = "Go on: draw the tables again after each change. Ctrl-C ends it." };
        CtlCommand command = new("list", "Show the objects that the node has.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl list Cloudlet",
                "notifyctl list AppInst ClusterInst --scope Europe/Zurich",
                "notifyctl list ai --field-selector organization=harbor-maps --json",
                "notifyctl list appinsts apps -l team=maps,stage!=test",
                "notifyctl list appinstinfos --scope Europe/Zurich --watch",
                "notifyctl list --stored -o yaml > copy.yaml       # apply -f copy.yaml writes them again",
            ],
            Arguments = { types },
            Options = { stored, watch, minRevision, revisions },
        };
        selection.AddTo(command);
        return host.Bind(command, (context, parsed, cancellationToken) =>
        {
            var chosen = (parsed.GetValue(types) ?? []).Select(context.Types.Get).Distinct().ToList();
            if (parsed.GetValue(stored))
                chosen = [.. (chosen.Count > 0 ? chosen : context.Types.All).Where(type => type.IsStored)];
            var objects = selection.Read(parsed, chosen, context.Types);
            if (parsed.GetValue(watch))
            {
                return parsed.GetValue(minRevision) == 0 && !parsed.GetValue(revisions)
                    ? WatchAsync(context, objects, cancellationToken)
                    : throw new CtlException(ExitCode.Usage, "--watch goes with neither --min-revision nor --revisions.");
            }
            return RunAsync(context, objects, parsed.GetValue(minRevision), parsed.GetValue(revisions), cancellationToken);
        });
    }

    private static async Task<ExitCode> RunAsync(
        CommandContext context, Selection selection, long minRevision, bool revisions, CancellationToken cancellationToken)
    {
        var listed = await ListedObjects.ReadAsync(context, selection, minRevision, cancellationToken);
        new ObjectWriter(context.Out, context.Error, context.Types, revisions).WriteAll(listed.Views, context.Format);
        if (!listed.IsSynced)
            context.Error.Line($"{context.Error.Paint("note:", Ink.Yellow)} {context.Node.Address} is still filling its mirror; what is missing may exist.");
        if (listed.Views.Count == 0 && context.Format == OutputFormat.Table)
            context.Error.Line($"{context.Node.Address} has no such objects.");
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> WatchAsync(CommandContext context, Selection selection, CancellationToken cancellationToken)
    {
        if (!context.Out.IsTerminal || context.Format != OutputFormat.Table)
            return await new WatchFeed(context, selection, new WatchLines(context, changesOnly: false)).RunAsync(cancellationToken);
        using WatchTable table = new(context, TimeProvider.System);
        return await new WatchFeed(context, selection, table).RunAsync(cancellationToken);
    }
}
