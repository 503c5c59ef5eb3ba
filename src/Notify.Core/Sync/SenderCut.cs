using Notify.Core.Journal;
using Notify.Core.Types;

namespace Notify.Core.Sync;

/// <summary>What a session sends next, as taken inside the lock: shared chunks and a snapshot, read later without it.</summary>
internal sealed class SenderCut
{
    /// <summary>The state to bring the peer to.</summary>
    public required SpaceSnapshot Snapshot { get; init; }

    /// <summary>Where the session was before, as an entry revision or, for live sessions, as a sequence.</summary>
    public required long AfterRevision { get; init; }

    public required long? AfterSequence { get; init; }

    public required SenderInterest Interest { get; init; }

    /// <summary>The last interest change taken into account, and whether the peer has yet to be told.</summary>
    public required uint InterestNumber { get; init; }

    public bool InterestChanged => ChangeCount > 0;

    /// <summary>How many changes of interest this cut reflects.</summary>
    public required int ChangeCount { get; init; }

    /// <summary>The items sent from the beginning.</summary>
    public required HashSet<SenderItem> Whole { get; init; }

    /// <summary>What is to be said of items at the end of the bundle.</summary>
    public required List<(SenderItem Item, Completeness Completeness)> States { get; init; }

    /// <summary>The main lane since the cursor; empty where no item needs it.</summary>
    public LaneCut Main { get; set; } = LaneCut.Empty;

    /// <summary>The lanes of the interest's scopes: since the cursor, or all of a lane that some item needs whole.</summary>
    public List<(Scope Scope, LaneCut Cut)> Lanes { get; } = [];

    /// <summary>Scopes new to the interest: what their objects refer to goes out although the item that covers it is not new.</summary>
    public HashSet<Scope> NewScopes { get; } = [];

    /// <summary>What new scopes refer to and the peer holds already.</summary>
    public HashSet<ObjectId> AlreadyHeld { get; } = [];

    /// <summary>Objects with a marker in one lane that another item still covers: no removal is sent.</summary>
    public HashSet<ObjectId> StillCovered { get; } = [];

    /// <summary>
    /// Entries since the cursor whose objects nothing covers any more, and of which no lane of the interest as it is now would say so: markers that
    /// only the interest before this cut would have sent, and objects that are in a lane another way than was asked for.
    /// </summary>
    public List<LaneEntry> Departed { get; } = [];

    /// <summary>Upward: versions of this node or from below of which the peer's own version shows here. Never told to be gone.</summary>
    public Dictionary<ObjectId, Envelope> Shadowed { get; } = [];

    /// <summary>Objects that only withdrawn interest covered.</summary>
    public List<Envelope> LeftInterest { get; } = [];

    /// <summary>True when the entry is news since the cursor.</summary>
    public bool IsAfterCursor(LaneEntry entry) =>
        AfterSequence is { } after ? entry.Sequence > after : entry.Revision > AfterRevision;

    /// <summary>Of what this node held before the session the peer may have newer versions; what comes since then is news to it.</summary>
    public bool IsHeldBack(SenderItem item) => item.IsPutOff && AfterSequence is null;

    /// <summary>True when the peer, having got only as far as the cursor, may hold what was in the lane the other way.</summary>
    public bool IsDirectNews(LaneEntry entry) =>
        entry.DirectSince > 0 && (AfterSequence is not { } sequence || entry.DirectSince > sequence);

    /// <summary>True when the peer, having got only as far as the cursor, may hold versions from before the origin took the key over.</summary>
    public bool IsOriginNews(LaneEntry entry) =>
        entry.OriginSince > 0 && (AfterSequence is not { } sequence || entry.OriginSince > sequence);
}
