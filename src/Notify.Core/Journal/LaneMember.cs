namespace Notify.Core.Journal;

/// <summary>One key in one scope's lane. Guarded by the lock of its mirror.</summary>
internal sealed class LaneMember(ScopeLane lane, KeyRecord record)
{
    public ScopeLane Lane { get; } = lane;

    public KeyRecord Record { get; } = record;

    /// <summary>Index of this member in <see cref="KeyRecord.Members"/>, so that leaving costs O(1) for keys in very many lanes.</summary>
    public int Index { get; set; }

    /// <summary>The object carries the scope itself.</summary>
    public bool Direct { get; set; }

    /// <summary>How many visible members refer to this key; counted while the object is missing, too.</summary>
    public int Referrers { get; set; }

    /// <summary>The lane has the object: it exists, and carries the scope or is referred to and has no scope of its own.</summary>
    public bool Visible { get; set; }

    public LaneEntry? Entry { get; set; }

    public bool ShouldBeVisible =>
        Record.Current is { } current && (Direct || (Referrers > 0 && current.Scopes.IsEmpty));

    public bool IsIdle => Entry is null && !Direct && Referrers == 0;
}
