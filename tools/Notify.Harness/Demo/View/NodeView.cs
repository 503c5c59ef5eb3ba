using Notify.Core.Protocol;
using Notify.Harness.Demo.Nodes;

namespace Notify.Harness.Demo.View;

/// <summary>A node as the screen shows it.</summary>
/// <param name="State">In a word: synced, syncing, connecting, down.</param>
/// <param name="Lag">Revisions of the store that the node has heard of and does not have.</param>
/// <param name="Address">HOST:PORT, for who wants to ask the node; empty where it is down.</param>
/// <param name="Objects">By short name of the type.</param>
internal sealed record NodeView(
    string Name, string State, long Revision, long Lag, int Sessions, string Address, IReadOnlyDictionary<string, long> Objects)
{
    public static NodeView Down(string name) => new(name, "down", 0, 0, 0, "", new Dictionary<string, long>());

    public static NodeView From(NodeStatus status, string address)
    {
        var stored = status.Spaces.FirstOrDefault(s => s.Space?.Kind == SpaceKind.Stored);
        var revision = stored?.Revision ?? 0;
        return new(
            status.Name,
            StateOf(status),
            revision,
            Math.Max(0, (stored?.Head ?? 0) - revision),
            status.Sessions.Count,
            address,
            status.Types_.GroupBy(t => EdgeObjects.ShortName(t.Name)).ToDictionary(t => t.Key, t => t.Sum(one => one.Objects)));
    }

    private static string StateOf(NodeStatus status) => status.Upstream?.State switch
    {
        null => "serving",
        UpstreamStatus.Types.State.BackingOff => "waiting",
        UpstreamStatus.Types.State.Connecting or UpstreamStatus.Types.State.Handshake => "connecting",
        _ => status.Synced ? "synced" : "syncing",
    };
}
