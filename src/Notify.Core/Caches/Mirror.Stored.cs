using System.Diagnostics;
using Notify.Core.Journal;
using Notify.Core.Storage.Sharing;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>The stored space of a controller: what its store says.</summary>
public sealed partial class Mirror
{
    private bool _storeLoaded;

    /// <summary>Whose the shared objects of the store are. Guarded by the lock.</summary>
    internal SharedOwners Shared { get; } = new();

    /// <summary>True once a controller's mirror holds its store's state: stored types can be called complete.</summary>
    internal bool IsStoreLoaded => Volatile.Read(ref _storeLoaded);

    /// <summary>
    /// Loads the state of a store: what the mirror holds becomes equal to <paramref name="objects"/> in one epoch. Used at start, and when the
    /// history that the watch needs was compacted away; only real differences raise events.
    /// </summary>
    public void LoadStore(Space space, long revision, IEnumerable<Envelope> objects) => Change(() =>
    {
        if (StoredJournal.Space != space)
        {
            StoredJournal.BeginSpace(space, revision);
        }

        StoredJournal.Begin(revision);
        var loaded = new HashSet<ObjectId>();
        foreach (var envelope in objects)
        {
            loaded.Add(envelope.Id);
            UpsertStored(envelope);
        }

        var gone = StoredJournal.Snapshot.Tables.Values
            .SelectMany(tables => tables.ByKey.From())
            .Select(row => row.Value.Id)
            .Where(id => !loaded.Contains(id))
            .Order()
            .ToArray();
        foreach (var id in gone)
        {
            RemoveStored(StoredJournal.Find(id)!, revision);
        }

        StoredJournal.End();
        if (!_storeLoaded)
        {
            // Deletions from before this revision are unknown: whoever resumes from below has to compare.
            StoredJournal.RaiseFloors(StoredJournal.Sequence);
            Volatile.Write(ref _storeLoaded, true);
        }
        else
        {
            // What came and went while the history was not read is unknown: who resumes from within it has to compare. Live sessions were sent
            // nothing of it and go on.
            StoredJournal.RaiseFloors(toSequence: 0);
        }

        PublishStored();
        return true;
    });

    /// <summary>Applies one commit of the store. Commits come in revision order, each once.</summary>
    /// <param name="revision">Revision of the commit.</param>
    /// <param name="upserts">The new versions, each with that revision.</param>
    /// <param name="deletes">The deleted objects.</param>
    /// <param name="hasReferences">Types were declared with this commit that refer to others.</param>
    public void ApplyStoreCommit(
        long revision, IEnumerable<Envelope> upserts, IEnumerable<ObjectId> deletes, bool hasReferences = false) => Change(() =>
    {
        Debug.Assert(_storeLoaded && revision > StoredJournal.Head, "Commits follow the loaded state in order.");
        StoredJournal.Begin(revision);
        if (hasReferences)
        {
            // This node's code may have known them before. Who comes from another hub has only what that one followed.
            StoredJournal.FollowAnew();
        }

        foreach (var envelope in upserts)
        {
            UpsertStored(envelope);
        }

        foreach (var id in deletes)
        {
            if (StoredJournal.Find(id) is { Current: not null } record)
            {
                RemoveStored(record, revision);
            }
        }

        StoredJournal.End();
        PublishStored();
        return true;
    });

    private void UpsertStored(Envelope envelope)
    {
        var record = StoredJournal.FindOrAdd(envelope.Id);
        if (record.Revision < envelope.Revision)
        {
            Shared.Note(envelope.Id, record.Current, envelope);
            // A copy: several nodes of one process may share a store, and an envelope caches what belongs to one node.
            StoredJournal.Upsert(record, envelope with { Origin = Origin.Local });
        }
    }

    private void RemoveStored(KeyRecord record, long revision)
    {
        Shared.Note(record.Id, record.Current, after: null);
        StoredJournal.Remove(record, LaneEntryKind.Deleted, revision);
    }

    private void PublishStored()
    {
        Publish();
        if (Shared is { HasChanged: true, Wake: { } wake })
        {
            _wakes.Add(wake);
        }
    }
}
