using Notify.Core.Storage;

namespace Notify.Storage.Embedded;

/// <summary>Options of <see cref="EmbeddedObjectStore"/>. Immutable.</summary>
public sealed record EmbeddedStoreOptions
{
    /// <summary>What a transaction may have.</summary>
    public StoreLimits Limits { get; init; } = new();

    /// <summary>How many revisions of history are kept, also over a restart; older ones are compacted. The default value is 10,000.</summary>
    public int HistoryRevisionsMax { get; init; } = 10_000;

    /// <summary>
    /// How many bytes of history are kept, the changes' and those of the versions they replaced. The default value is 64 MiB. The newest
    /// revision is kept whatever its size.
    /// </summary>
    public long HistoryBytesMax { get; init; } = 64 << 20;

    /// <summary>A log file that has this many bytes is followed by another. The default value is 16 MiB.</summary>
    public long LogFileBytes { get; init; } = 16 << 20;

    /// <summary>
    /// A checkpoint is written when the log has grown by this many bytes, or by those of the last checkpoint if they are more, since then. So
    /// the folder takes about three times the state, and this much. The default value is 64 MiB.
    /// </summary>
    public long CheckpointBytes { get; init; } = 64 << 20;

    /// <summary>Commits that wait for the disk at most; further ones are refused. The default value is 10,000.</summary>
    public int WaitingCommitsMax { get; init; } = 10_000;

    /// <summary>Bytes of commits that wait for the disk at most; further ones are refused. The default value is 64 MiB.</summary>
    public long WaitingBytesMax { get; init; } = 64 << 20;

    /// <summary>Runs what blocks on the disk; null for threads of the store's own. A simulation runs it at once.</summary>
    internal Action<Action>? Execute { get; init; }
}
