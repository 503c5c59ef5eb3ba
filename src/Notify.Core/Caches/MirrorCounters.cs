namespace Notify.Core.Caches;

/// <summary>What a node did since it started. Numbers only grow; each is read by itself, so two may be of different moments.</summary>
public sealed class MirrorCounters
{
    private long _received;
    private long _removed;
    private long _resent;
    private long _flushed;
    private long _fullSyncs;
    private long _storedFullSyncs;
    private long _sent;
    private long _messagesDropped;
    private long _rejected;

    /// <summary>Versions of objects that arrived from other nodes and were new.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Objects removed because another node said so, or because a complete sync did not contain them.</summary>
    public long Removed => Volatile.Read(ref _removed);

    /// <summary>Versions that arrived although this node had them already.</summary>
    public long Resent => Volatile.Read(ref _resent);

    /// <summary>Objects removed because the session that carried them ended.</summary>
    public long Flushed => Volatile.Read(ref _flushed);

    /// <summary>Bundles from upstream in which something was sent whole.</summary>
    public long FullSyncs => Volatile.Read(ref _fullSyncs);

    /// <summary>Those of <see cref="FullSyncs"/> that were of the stored space.</summary>
    public long StoredFullSyncs => Volatile.Read(ref _storedFullSyncs);

    /// <summary>Versions and removals sent to other nodes, those of bundles that were given up included.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Messages dropped because no session could carry them or a queue was full.</summary>
    public long MessagesDropped => Volatile.Read(ref _messagesDropped);

    /// <summary>Objects that a handler refused.</summary>
    public long Rejected => Volatile.Read(ref _rejected);

    internal void AddReceived(long count) => Interlocked.Add(ref _received, count);

    internal void AddRemoved(long count) => Interlocked.Add(ref _removed, count);

    internal void AddResent(long count) => Interlocked.Add(ref _resent, count);

    internal void AddFlushed(long count) => Interlocked.Add(ref _flushed, count);

    internal void AddFullSync(bool isStored)
    {
        Interlocked.Increment(ref _fullSyncs);
        Interlocked.Add(ref _storedFullSyncs, isStored ? 1 : 0);
    }

    internal void AddSent(long count) => Interlocked.Add(ref _sent, count);

    internal void AddMessageDropped() => Interlocked.Increment(ref _messagesDropped);

    internal void AddRejected() => Interlocked.Increment(ref _rejected);
}
