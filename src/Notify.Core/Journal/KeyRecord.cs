using Notify.Core.Types;

namespace Notify.Core.Journal;

/// <summary>All that a journal knows of one key. Guarded by the lock of its mirror.</summary>
internal sealed class KeyRecord(ObjectId id)
{
    public ObjectId Id { get; } = id;

    /// <summary>The version that is shown; null while the object is missing.</summary>
    public Envelope? Current { get; set; }

    /// <summary>Revision of the version or tombstone held; 0 when nothing is held. Nothing at or below it is taken.</summary>
    public long Revision { get; set; }

    public Origin Origin { get; set; } = Origin.Local;

    /// <summary>In the store's space: the node whose shared object it is.</summary>
    public string? Owner { get; set; }

    public long OriginSince { get; set; }

    /// <summary>The key's entry in the journal's main lane.</summary>
    public LaneEntry? Main { get; set; }

    /// <summary>Scope lanes that hold the key: as their scope's, by reference (also while it is missing), or as a marker.</summary>
    public List<LaneMember> Members { get; } = [];

    /// <summary>What each carrier says of a dynamic object, oldest first; the last one shows. Empty for stored objects.</summary>
    public List<Candidate> Candidates { get; } = [];

    /// <summary>Dynamic: the owner's stamp on the removal of the object, so that a stale upsert does not bring it back.</summary>
    public Stamp? RemovedStamp { get; set; }

    /// <summary>Dynamic: the stamp of the version that showed before the removal, whoever removed it: no earlier word of its owner shows after it.</summary>
    public Stamp? LastStamp { get; set; }

    /// <summary>The bundle from upstream that last brought or confirmed the object.</summary>
    public long Generation { get; set; }

    /// <summary>Nobody needs the record: no version, no marker, no lane, no carrier.</summary>
    public bool IsIdle => Current is null && Main is null && Members.Count == 0 && Candidates.Count == 0;
}
