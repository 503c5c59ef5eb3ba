using Notify.Core.Storage;

namespace Notify.Storage;

/// <summary>Options of <see cref="MemoryObjectStore"/>.</summary>
public sealed record MemoryStoreOptions
{
    /// <summary>What a transaction may have.</summary>
    public StoreLimits Limits { get; init; } = new();

    /// <summary>How many revisions of history are kept; older ones are compacted. The default value is 10,000.</summary>
    public int HistoryRevisionsMax { get; init; } = 10_000;

    /// <summary>
    /// How many bytes of history are kept, the changes' and those of the versions they replaced. The default value is 64 MiB. The newest
    /// revision is kept whatever its size.
    /// </summary>
    public long HistoryBytesMax { get; init; } = 64 << 20;

    /// <summary>
    /// Watches go on inside the commit that wakes them, on its thread, before it returns. The default value is false: a committer should not
    /// wait for watchers. A simulation sets it, so that the order of everything follows from its seed; it must commit on a thread without a
    /// synchronization context, for the runtime continues nothing inline where there is one.
    /// </summary>
    public bool WakesWatchersInline { get; init; }
}
