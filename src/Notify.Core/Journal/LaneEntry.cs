using Notify.Core.Types;

namespace Notify.Core.Journal;

/// <summary>The latest news of one key in one lane. Immutable once appended: cuts hold entries while the journal goes on.</summary>
/// <param name="Sequence">Position in the journal's order of commits; the same for all entries of one commit.</param>
/// <param name="Revision">The entry revision: when this version came into the lane, which may be later than the version's own.</param>
/// <param name="Id">The key.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Envelope">The version of an upsert, otherwise null.</param>
/// <param name="Direct">In a scope's lane: the object carries the scope itself (of a marker: it did).</param>
/// <param name="DirectSince">
/// In a scope's lane: the sequence at which <paramref name="Direct"/> came to be what it is, after it had been the other; 0 if it always was. Who asked
/// only for objects that are in the lane the other way may hold a version from before, and has to be told that it left.
/// </param>
/// <param name="Stamp">
/// Of a tombstone in a dynamic space: the owner's stamp, where the owner removed it. Of a marker of a shared object: the last version's.
/// </param>
/// <param name="Origin">Where the version, or the version that a marker ends, came from.</param>
/// <param name="OriginSince">
/// The sequence at which that origin took the key over from another one; 0 if it always had it. Who is that origin was sent the others'
/// versions up to there, and has to be told that they are gone.
/// </param>
internal sealed record LaneEntry(
    long Sequence,
    long Revision,
    ObjectId Id,
    LaneEntryKind Kind,
    Envelope? Envelope,
    bool Direct,
    long DirectSince,
    Stamp? Stamp,
    Origin Origin,
    long OriginSince)
{
    /// <summary>
    /// Of a tombstone: the revision of the deletion, which at a relay may be lower than that of the entry. Who takes it for higher refuses what was
    /// written in between.
    /// </summary>
    public long DeletedAt { get; init; }

    /// <summary>Place in the lane, rising by one per entry; given once, when the entry is appended.</summary>
    public long Position { get; set; }

    public bool IsMarker => Kind != LaneEntryKind.Upsert;
}
