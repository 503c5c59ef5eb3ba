using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;

namespace Notify.Ctl.Commands;

/// <summary><c>nodes</c>: shows the node and its neighbours in the tree.</summary>
internal static class NodesCommand
{
    private const string Notes = """
        LINK says where a node stands: self, above (its upstream) or below (a session). LAG is how many revisions it is behind, stored and
        dynamic: self behind what it has heard of, those below behind self.
        """;

    public static Command Create(CtlHost host)
    {
        CtlCommand command = new("nodes", "Show the node itself, the node above it and those connected below.")
        {
            Notes = Notes,
            Examples = ["notifyctl nodes", "notifyctl nodes --address 127.0.0.1:7101 --json"],
        };
        return host.Bind(command, (context, _, cancellationToken) => RunAsync(context, cancellationToken));
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var status = await context.Node.CallAsync(StatusMethods.Get, new GetStatusRequest(), cancellationToken);
        var rows = RowsOf(status, context.Node.Address).ToList();
        if (context.Format != OutputFormat.Table)
        {
            context.WriteValue(new JsonArray([.. rows.Select(ToJson)]));
            return ExitCode.Ok;
        }
        TextTable table = new("NODE", "ROLE", "LINK", "ADDRESS", "STATE", "LAG", "SINCE");
        foreach (var row in rows)
            table.Add(row.Name, row.Role, row.Link, row.Address, row.State, row.Lag is (var stored, var dynamic) ? $"{stored}/{dynamic}" : "", Time(row.Since));
        table.Write(context.Out);
        return ExitCode.Ok;
    }

    private static IEnumerable<NodeRow> RowsOf(NodeStatus status, string address)
    {
        yield return new NodeRow(status.Name, status.Role, "self", address, status.Synced ? "synced" : "filling", LagOf(status), status.Started);
        if (status.Upstream is { } above)
            yield return new NodeRow(above.Peer, "", "above", above.Address, StateOf(above), null, above.Connected);
        foreach (var session in status.Sessions.OrderBy(session => session.Peer, StringComparer.Ordinal))
        {
            var lag = (LagOf(session, SpaceKind.Stored), LagOf(session, SpaceKind.Dynamic));
            yield return new NodeRow(session.Peer, session.Role, "below", session.Address, StateOf(session), lag, session.Connected);
        }
    }

    private static (long, long) LagOf(NodeStatus status) => (LagOf(status, SpaceKind.Stored), LagOf(status, SpaceKind.Dynamic));

    private static long LagOf(NodeStatus status, SpaceKind kind) =>
        status.Spaces.FirstOrDefault(space => space.Space?.Kind == kind) is { } space ? Math.Max(0, space.Head - space.Revision) : 0;

    private static long LagOf(SessionStatus session, SpaceKind kind) => session.Applied.FirstOrDefault(applied => applied.Kind == kind)?.Lag ?? 0;

    private static string StateOf(SessionStatus session) => session.Queued > 0 ? Queued(session.Queued) : session.Synced ? "synced" : "syncing";

    /// <summary>Others are sent everything first.</summary>
    private static string Queued(long distance) => string.Create(CultureInfo.InvariantCulture, $"queued ({distance})");

    private static string StateOf(UpstreamStatus above) => above.State switch
    {
        UpstreamStatus.Types.State.Syncing when above.Queued > 0 => Queued(above.Queued),
        UpstreamStatus.Types.State.BackingOff => "backing off",
        UpstreamStatus.Types.State.Connecting => "connecting",
        UpstreamStatus.Types.State.Handshake => "handshake",
        UpstreamStatus.Types.State.Syncing => "syncing",
        UpstreamStatus.Types.State.Synced => "synced",
        _ => "unknown",
    };

    private static string Time(Timestamp? time) => time is null ? "" : time.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject ToJson(NodeRow row)
    {
        JsonObject json = new() { ["name"] = row.Name, ["role"] = row.Role, ["link"] = row.Link, ["address"] = row.Address, ["state"] = row.State };
        if (row.Lag is (var stored, var dynamic))
            json["lag"] = new JsonObject { ["stored"] = stored, ["dynamic"] = dynamic };
        if (row.Since is not null)
            json["since"] = Time(row.Since);
        return json;
    }

    private sealed record NodeRow(string Name, string Role, string Link, string Address, string State, (long Stored, long Dynamic)? Lag, Timestamp? Since);
}
