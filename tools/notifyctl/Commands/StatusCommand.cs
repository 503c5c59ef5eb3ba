using System.CommandLine;
using System.Globalization;
using Notify.Core.Protocol;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary><c>status</c>: shows what the node says about itself.</summary>
internal static class StatusCommand
{
    public static Command Create(CtlHost host)
    {
        CtlCommand command = new("status", "Show the node's revisions, objects per type and counters.")
        {
            Notes = "With -o json or -o yaml: everything that the node says, as the message notify.v1.NodeStatus.",
            Examples = ["notifyctl status", "notifyctl status --address 127.0.0.1:7101 --json"],
        };
        return host.Bind(command, (context, _, cancellationToken) => RunAsync(context, cancellationToken));
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var status = await context.Node.CallAsync(StatusMethods.Get, new GetStatusRequest(), cancellationToken);
        if (context.Format != OutputFormat.Table)
        {
            context.WriteValue(context.Text.ToJson(status, plainNumbers: context.Format == OutputFormat.Yaml));
            return ExitCode.Ok;
        }
        var output = context.Out;
        var synced = status.Synced ? output.Paint("synced", Ink.Green) : output.Paint("filling its mirror", Ink.Yellow);
        output.Line($"{status.Name} ({status.Role} {status.Version}), {synced}");
        if (status.Upstream is { } above)
        {
            var error = above.LastError.Length > 0 ? $"; last error: {above.LastError}" : "";
            var queued = above.Queued > 0 ? $"; waits for its turn to be sent everything, {Text(above.Queued)} from it" : "";
            output.Line($"above: {(above.Peer.Length > 0 ? above.Peer : "unknown")} at {above.Address}{queued}{error}");
        }
        output.Line($"below: {status.Sessions.Count} {(status.Sessions.Count == 1 ? "session" : "sessions")}");
        WriteSpaces(output, status);
        WriteTypes(output, status);
        WriteCounters(output, status.Counters ?? new LinkCounters());
        return ExitCode.Ok;
    }

    private static void WriteSpaces(Terminal output, NodeStatus status)
    {
        output.Line();
        TextTable table = new("SPACE", "REVISION", "HEAD", "FLOOR");
        foreach (var space in status.Spaces)
            table.Add(Name(space.Space?.Kind ?? default), Text(space.Revision), Text(space.Head), Text(space.Floor));
        table.Write(output);
    }

    private static void WriteTypes(Terminal output, NodeStatus status)
    {
        output.Line();
        TextTable table = new("TYPE", "SPACE", "OBJECTS");
        foreach (var type in status.Types_.OrderBy(type => type.Name, StringComparer.Ordinal))
            table.Add(KnownType.Shorten(type.Name), Name(type.Space), Text(type.Objects));
        table.Write(output);
    }

    private static void WriteCounters(Terminal output, LinkCounters counters)
    {
        output.Line();
        TextTable table = new("RECEIVED", "REMOVED", "RESENT", "FLUSHED", "FULL SYNCS", "SENT", "SESSIONS");
        table.Add(Text(counters.Received), Text(counters.Removed), Text(counters.Resent), Text(counters.Flushed), Text(counters.FullSyncs), Text(counters.Sent), Text(counters.Sessions));
        table.Write(output);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Name(SpaceKind kind) => kind switch
    {
        SpaceKind.Stored => "stored",
        SpaceKind.Dynamic => "dynamic",
        _ => "",
    };
}
