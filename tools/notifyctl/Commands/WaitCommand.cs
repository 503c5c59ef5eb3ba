using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;

namespace Notify.Ctl.Commands;

/// <summary><c>wait</c>: until nodes have applied a revision.</summary>
internal static class WaitCommand
{
    private const string Notes = """
        A node has applied a revision when its mirror shows it and its handlers have returned. The node at --address, a controller or a relay, is
        asked for the tree from it down, itself included. With several controllers over one store name the others by --also: each knows its own
        nodes, and one that vanished from a controller may be at another. Nodes that vanished without a goodbye are pending until they are back or
        forgotten (notifyctl forget). --timeout is how long to wait.

        SELECTOR: * is every node, crm-zurich the one of that name, crm-* those whose names begin so, role=dme those of a role; with commas
        between, any of them.

        Exit codes: 0 all of them have applied it; 1 not in time, and who has not is named; 3 there is no such node; others as for all commands.
        """;

    public static Command Create(CtlHost host)
    {
        Option<long> revision = new("--revision", "-r")
        {
            Description = "A revision of the store, for instance one that apply printed; also one to come. Default: the newest that the node has.",
            HelpName = "N",
        };
        revision.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && long.TryParse(text, CultureInfo.InvariantCulture, out var number) && number < 1)
                result.AddError($"'{text}' (--revision) is no revision. Revisions begin at 1.");
        });
        Option<string> nodes = new("--nodes", "-n")
        {
            Description = "Which nodes to wait for. Default: all of them.",
            HelpName = "SELECTOR",
            DefaultValueFactory = _ => "*",
        };
        nodes.Validators.Add(result =>
        {
            if (!NodeSelector.TryParse(result.GetValue(nodes) ?? "", out _, out var problem))
                result.AddError($"--nodes: {problem}");
        });
        var also = AlsoOption.Create();
        CtlCommand command = new("wait", "Wait until nodes have applied a revision of the store.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl wait --revision 1207                              # all nodes",
                "notifyctl wait -r 1207 --nodes 'role=dme,crm-*' --timeout 2m",
                "notifyctl wait -a controller-1:7000 --also controller-2:7000 --json",
            ],
            Options = { revision, nodes, also },
        };
        return host.Bind(command, (context, parsed, cancellationToken) => RunAsync(
            context, parsed.GetValue(revision), NodeSelector.Parse(parsed.GetRequiredValue(nodes)), parsed.GetValue(also), cancellationToken));
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, long revision, NodeSelector nodes, string[]? also, CancellationToken cancellationToken)
    {
        var connections = AlsoOption.Connect(context, also);
        try
        {
            if (revision == 0 && connections.Count > 1)
            {
                var status = await context.Node.CallAsync(StatusMethods.Get, new GetStatusRequest(), cancellationToken);
                revision = status.Spaces.FirstOrDefault(space => space.Space?.Kind == SpaceKind.Stored)?.Revision ?? 0;
            }
            using LiveLine line = new(context.Error);
            NodeWait wait = new(connections, revision, nodes, context.Types);
            var progress = await wait.RunAsync(now => line.Show($"{TextOf(now, context.Error.Size().Width)}  (Ctrl-C ends)"), cancellationToken);
            line.Dispose();
            if (context.Format == OutputFormat.Table && progress.Pending == 0)
                context.Out.Line($"revision {progress.Revision} is applied");
            else if (context.Format != OutputFormat.Table)
                context.WriteValue(ToJson(progress));
            return progress.Pending == 0
                ? ExitCode.Ok
                : throw new CtlException(
                    ExitCode.Failed, $"{TextOf(progress, int.MaxValue)}.",
                    $"Not within {Durations.Format(context.Node.Timeout)}; give it longer with --timeout.{(progress.Vanished.Count > 0 ? " One that will not come back: notifyctl forget." : "")}");
        }
        finally
        {
            foreach (var other in connections.Skip(1))
                other.Dispose();
        }
    }

    private static string TextOf(NodeWaitProgress progress, int width)
    {
        var text = $"revision {progress.Revision} is not applied by {progress.Pending} {(progress.Pending == 1 ? "node" : "nodes")}: ";
        var names = progress.PendingNodes.Select(name => progress.Vanished.Contains(name) ? $"{name} (vanished)" : name).ToList();
        var all = text + string.Join(", ", names) + (names.Count < progress.Pending ? $" and {progress.Pending - names.Count} more" : "");
        return ScreenText.Cut(all, width);
    }

    private static JsonObject ToJson(NodeWaitProgress progress) => new()
    {
        ["revision"] = progress.Revision,
        ["applied"] = progress.Pending == 0,
        ["pending"] = progress.Pending,
        ["pendingNodes"] = new JsonArray([.. progress.PendingNodes.Select(name => JsonValue.Create(name))]),
        ["vanished"] = new JsonArray([.. progress.Vanished.Select(name => JsonValue.Create(name))]),
    };
}
