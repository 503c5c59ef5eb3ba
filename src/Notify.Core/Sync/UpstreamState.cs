using Notify.Core.Journal;

namespace Notify.Core.Sync;

/// <summary>
/// What a node knows of its upstream beyond any one session: where it can resume, and what it asked for. Guarded by the lock of the mirror.
/// </summary>
internal sealed class UpstreamState
{
    private long _storedHead;

    /// <summary>What the upstream says of dynamic objects.</summary>
    public Carrier Carrier { get; } = new(notifyId: 0, Origin.Upstream);

    public Dictionary<uint, InterestEntry> Entries { get; } = [];

    /// <summary>The upstream's dynamic space; changes with the hub and with its restarts.</summary>
    public Space? DynamicSpace { get; set; }

    /// <summary>The generation in which <see cref="DynamicSpace"/> was first seen: stamps confirmed before it count no more.</summary>
    public long DynamicSpaceSince { get; set; }

    /// <summary>Counts bundles from upstream; objects remember the one that confirmed them.</summary>
    public long Generation { get; set; }

    /// <summary>The newest revision of the store that the upstream has told of. Read without the lock.</summary>
    public long StoredHead
    {
        get => Volatile.Read(ref _storedHead);
        set => Volatile.Write(ref _storedHead, value);
    }

    /// <summary>Number of the last session. The next one has a higher one.</summary>
    public long Attachment { get; set; }

    /// <summary>A session is open; changes of interest go through it.</summary>
    public bool HasSession { get; set; }

    /// <summary>A part of a bundle too large to keep aside was committed and its end was not, per space: what shows is no whole epoch.</summary>
    public bool StoredIsPartial { get; set; }

    public bool DynamicIsPartial { get; set; }

    public uint LastEntryNumber { get; set; }

    /// <summary>Types with items withdrawn, where the upstream has not said yet what leaves with them.</summary>
    public HashSet<string> Narrowed { get; } = new(StringComparer.Ordinal);

    public IEnumerable<InterestEntry> OfType(string type) => Entries.Values.Where(entry => entry.Type == type);
}
