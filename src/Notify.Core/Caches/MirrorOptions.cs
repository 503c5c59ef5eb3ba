using Notify.Core.Journal;

namespace Notify.Core.Caches;

/// <summary>What a mirror is made of. Random parts come from the host, so that a simulation can own them.</summary>
public sealed record MirrorOptions
{
    /// <summary>Name of this node, unique in the tree; the owner in the stamps of what it publishes.</summary>
    public required string Node { get; init; }

    /// <summary>Identity of this node's dynamic space: random, and new each time the process starts.</summary>
    public required Space DynamicSpace { get; init; }

    /// <summary>Other nodes connect to this one. The default value is false.</summary>
    public bool HasDownstream { get; init; }

    /// <summary>
    /// This node has an upstream as well as nodes below it: what it can say of any object rests on what its upstream said. The default value is false.
    /// </summary>
    public bool IsRelay { get; init; }

    /// <summary>How much of the past is remembered for reconnecting nodes.</summary>
    public JournalLimits Limits { get; init; } = new();

    /// <summary>The largest object that this node publishes, key and value together; hubs take no larger ones. The default value is 1 MiB.</summary>
    public int ObjectBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Runs handlers of change events; by default on the thread pool. Handlers of one subscription never run at once.</summary>
    public Action<Action> Execute { get; init; } = static work => ThreadPool.QueueUserWorkItem(static run => run(), work, preferLocal: false);
}
