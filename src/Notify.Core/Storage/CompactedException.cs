namespace Notify.Core.Storage;

/// <summary>
/// The history after <see cref="RequestedRevision"/> is no longer complete in the store. Take a new snapshot; a watch from
/// <see cref="OldestRevision"/> or later works, but says nothing of what happened in between.
/// </summary>
public sealed class CompactedException(long requestedRevision, long oldestRevision)
    : NotifyException($"Revision {requestedRevision} is compacted; the oldest revision is {oldestRevision}. Start again from a snapshot.")
{
    /// <summary>The revision that the caller asked for, or that its watch had reached.</summary>
    public long RequestedRevision { get; } = requestedRevision;

    /// <summary>The oldest revision that the store still has.</summary>
    public long OldestRevision { get; } = oldestRevision;
}
