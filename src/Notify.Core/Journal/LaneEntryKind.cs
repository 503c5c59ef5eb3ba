namespace Notify.Core.Journal;

/// <summary>What a lane entry says of its key.</summary>
internal enum LaneEntryKind
{
    /// <summary>This is the latest version.</summary>
    Upsert = 0,

    /// <summary>The object was deleted: a tombstone.</summary>
    Deleted = 1,

    /// <summary>The object is still there but left this lane: it moved, or nothing in the lane refers to it any more.</summary>
    Left = 2,
}
