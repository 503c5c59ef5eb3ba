using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>Going on from a revision of the stored space, for readers that were here before.</summary>
public sealed partial class Mirror
{
    /// <summary>
    /// The oldest revision of the stored space from which <see cref="StoredChangesAfter"/> knows everything that went since.
    /// </summary>
    public long StoredFloor
    {
        get
        {
            lock (_gate)
            {
                return StoredFloorNow;
            }
        }
    }

    /// <summary>A relay knows of what it asks for since it has it, and not of what it does not have yet.</summary>
    private long StoredFloorNow => !IsRelay ? StoredJournal.Main.Floor : Upstream.Entries.Values
        .Where(IsStored)
        .Select(entry => entry.CompleteSince ?? StoredJournal.Head + 1)
        .Append(StoredJournal.Main.Floor)
        .Max();

    /// <summary>
    /// Ids of all stored objects with a newer version, or removed, after a revision, and the view that says what they are now. Null where
    /// the mirror does not remember everything since then.
    /// </summary>
    public (MirrorSnapshot Now, IReadOnlyList<ObjectId> Changed)? StoredChangesAfter(long revision)
    {
        MirrorSnapshot now;
        Journal.LaneCut cut;
        lock (_gate)
        {
            if (revision < StoredFloorNow || StoredJournal.HasSkipped(revision))
            {
                return null;
            }

            now = _current;
            cut = StoredJournal.Main.CutAfterRevision(revision);
        }

        return (now, [.. cut.Entries.Select(entry => entry.Id)]);
    }
}
