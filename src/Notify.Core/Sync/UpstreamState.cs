using Notify.Core.Journal;

namespace Notify.Core.Sync;

/// <summary>
/// What a node knows of its upstream beyond any one session: where it can resume, and what it asked for. Guarded by the lock of the mirror.
/// </summary>
internal sealed class UpstreamState
{
    private long _storedHead;
    private (uint Stored, uint Dynamic) _answered;

    /// <summary>What the upstream says of dynamic objects.</summary>
    public Carrier Carrier { get; } = new(notifyId: 0, Origin.Upstream);

    /// <summary>What this node asked for, by number: what it wants, and what it took back without the upstream's answer yet.</summary>
    public Dictionary<uint, InterestEntry> Entries { get; } = [];

    /// <summary>What this node wants.</summary>
    public IEnumerable<InterestEntry> Wanted => Entries.Values.Where(entry => entry.WithdrawnIn is null);

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

    /// <summary>
    /// The revision of a bundle too large to keep aside of which a part was committed and the end was not, or null. What shows is no whole
    /// epoch, and versions up to that revision are in it: no hub behind it may go on from here.
    /// </summary>
    public long? StoredPartOf { get; set; }

    /// <summary>The same of the dynamic space.</summary>
    public bool DynamicIsPartial { get; set; }

    public uint LastEntryNumber { get; set; }

    /// <summary>Number of the last interest change that the session passed on; 0 before the first.</summary>
    public uint InterestTold { get; set; }

    /// <summary>Bundles of both spaces have reflected every change that was passed on.</summary>
    public bool IsInterestAnswered => _answered == (InterestTold, InterestTold);

    /// <summary>A bundle of a space reflects the changes up to a number.</summary>
    public void AnswerInterest(bool isStored, uint number) =>
        _answered = isStored ? (number, _answered.Dynamic) : (_answered.Stored, number);

    /// <summary>The session that passed changes on is over, and what it left open is settled.</summary>
    public void ForgetInterestTold()
    {
        foreach (var entry in Entries.Values)
        {
            entry.ToldIn = 0;
        }

        InterestTold = 0;
        _answered = default;
    }

    public IEnumerable<InterestEntry> OfType(string type) => Entries.Values.Where(entry => entry.Type == type);
}
