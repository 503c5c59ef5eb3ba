using Notify.Core.Journal;
using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Core.Transport;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>What comes from above: bundles, interest and pruning.</summary>
public sealed partial class Mirror
{
    /// <summary>The newest revision of the store that the upstream has told of; 0 before the first.</summary>
    public long UpstreamStoredHead => Upstream.StoredHead;

    internal KnownUpstream Upstream { get; } = new();

    /// <summary>Commits a bundle from above as one epoch. Returns the number of the view that has it.</summary>
    /// <exception cref="FormatException">The bundle goes back in its space.</exception>
    internal long CommitFromUpstream(IncomingBundle bundle) => Change(() =>
    {
        var journal = bundle.IsStored ? StoredJournal : DynamicJournal;
        BeginUpstreamBundle(bundle);
        NoteNewerInterest(bundle.InterestNumber);
        foreach (var entry in bundle.States.Where(state => state.Completeness == Completeness.NotReady).Select(state => Upstream.Entries.GetValueOrDefault(state.Number)).OfType<InterestEntry>())
        {
            entry.Completeness = Completeness.NotReady; // Before the changes: what they say is gone may be what this item has yet to get.
        }

        var before = journal.Head;
        var wasPartial = Upstream.StoredPartOf is not null;
        InterestEntry[] withdrawn = [];
        journal.Begin(!bundle.IsStored ? journal.Head + 1 : bundle.IsComplete ? bundle.Revision : journal.Head);
        foreach (var change in bundle.Changes)
        {
            if (bundle.IsStored)
            {
                ApplyStoredChange(change, bundle.InterestNumber);
            }
            else
            {
                ApplyDynamicChange(change, bundle.InterestNumber);
            }
        }

        bundle.Changes.Clear();
        bundle.Bytes = 0;
        if (bundle.IsStored)
        {
            Upstream.StoredPartOf = bundle.IsComplete ? null : bundle.Revision;
        }
        else
        {
            Upstream.DynamicIsPartial = !bundle.IsComplete;
        }

        if (bundle.IsComplete)
        {
            // Items that the bundle knows to be withdrawn cover nothing any more, so they stand in the way of no proof by others.
            withdrawn = TakeWithdrawn(bundle.IsStored, bundle.InterestNumber);
            TakeStates(bundle.IsStored, bundle.Revision, bundle.States);
            RemoveUncovered([.. withdrawn.Select(entry => entry.Type).Distinct()]);
            SettleDoubt(bundle.IsStored);
        }

        if (bundle.IsStored || journal.HasChanges)
        {
            journal.End();
        }
        else
        {
            journal.Cancel();
        }

        if (IsRelay)
        {
            NoteBundle(bundle, before, wasPartial, withdrawn);
        }

        Publish();
        return _current.Number;
    });

    /// <summary>Takes what the upstream says of items between bundles. Returns the number of the view that reflects it.</summary>
    internal long TakeSynced(bool isStored, List<(uint Number, Completeness Completeness)> states) => Change(() =>
    {
        var journal = isStored ? StoredJournal : DynamicJournal;
        journal.Begin(isStored ? journal.Head : journal.Head + 1);
        TakeStates(isStored, UpstreamRevision(isStored), states);
        SettleDoubt(isStored);
        if (journal.HasChanges)
        {
            journal.End();
        }
        else
        {
            journal.Cancel();
        }

        if (IsRelay)
        {
            NoteCompleteSince(isStored, journal.Head);
        }

        Publish();
        return _current.Number;
    });

    /// <summary>The upstream has sent everything of the interest up to a revision, and no bundle is open.</summary>
    internal void AdvanceUpstream(bool isStored, long sent) => Change(() =>
    {
        foreach (var entry in Upstream.Entries.Values.Where(entry => entry.Revision > 0 && IsStored(entry) == isStored))
        {
            entry.Revision = Math.Max(entry.Revision, sent);
        }

        if (isStored && StoredJournal.Space is not null && sent > StoredJournal.Head)
        {
            StoredJournal.Begin(sent);
            StoredJournal.End();
            Publish();
        }

        return true;
    });

    private bool IsStored(InterestEntry entry) => Types.Find(entry.Type) is not { IsDynamic: true };

    private long UpstreamRevision(bool isStored) =>
        Upstream.Entries.Values.Where(entry => IsStored(entry) == isStored).Select(entry => entry.Revision).DefaultIfEmpty(0).Max();

    private void BeginUpstreamBundle(IncomingBundle bundle)
    {
        if (bundle.IsStarted)
        {
            return;
        }

        if (bundle.IsStored && StoredJournal.Space is { } held && held.Id != bundle.Space.Id)
        {
            // The handshake could not tell: the store was loaded after it.
            throw RefuseStore(bundle.Space.Id, held.Id);
        }

        bundle.IsStarted = true;
        Upstream.Generation++;
        if (bundle.IsStored && StoredJournal.Space != bundle.Space)
        {
            StoredJournal.BeginSpace(bundle.Space, revision: 0);
            foreach (var entry in Upstream.Entries.Values)
            {
                entry.CompleteSince = null;
            }
        }

        if (bundle.IsStored && bundle.Revision < StoredJournal.Head)
        {
            throw new FormatException($"A bundle for revision {bundle.Revision} came after revision {StoredJournal.Head}.");
        }

        if (!bundle.IsStored && Upstream.DynamicSpace != bundle.Space)
        {
            (Upstream.DynamicSpace, Upstream.DynamicSpaceSince) = (bundle.Space, Upstream.Generation);
        }

        foreach (var entry in bundle.Whole.Select(number => Upstream.Entries.GetValueOrDefault(number)).OfType<InterestEntry>())
        {
            (entry.WholeSince, entry.PruneDue, entry.Revision) = (Upstream.Generation, true, 0);
            entry.Completeness = Completeness.Unknown;
        }

        if (bundle.Whole.Length > 0)
        {
            Counters.AddFullSync(bundle.IsStored);
        }
    }

    /// <summary>Another store's objects are none of this one's newer versions, so the state stays and the session ends.</summary>
    internal static RefusedException RefuseStore(string offered, string held) => new(
        GrpcStatusCode.FailedPrecondition,
        $"The upstream serves the store {offered}, this mirror holds the store {held}; its state stays. Connect it to its own controllers, or restart it to mirror the other store.");

    private void ApplyStoredChange(IncomingChange change, uint interestNumber)
    {
        var record = StoredJournal.FindOrAdd(change.Id);
        if (change.Envelope is not { } envelope)
        {
            if (record.Current is { } current && record.Revision <= change.Revision && !IsAwaited(current, change.IsDeletion, interestNumber))
            {
                Upstream.Confirm(change.Id);
                StoredJournal.Remove(record, change.IsDeletion ? LaneEntryKind.Deleted : LaneEntryKind.Left, change.Revision);
                Counters.AddRemoved(1);
            }

            StoredJournal.Release(record);
            return;
        }

        record.Generation = Upstream.Generation;
        Upstream.Confirm(change.Id);
        if (record.Revision >= envelope.Revision)
        {
            Counters.AddResent(1);
            return;
        }

        Count(record.Current, envelope);
        StoredJournal.Upsert(record, envelope);
    }

    private void ApplyDynamicChange(IncomingChange change, uint interestNumber)
    {
        if (change.Envelope is not { } envelope)
        {
            if (_dynamic.Held(Upstream.Carrier, change.Id) is { } held && IsAwaited(held, change.IsDeletion, interestNumber))
            {
                return;
            }

            Upstream.Confirm(change.Id);
            var kind = change.IsDeletion ? LaneEntryKind.Deleted : LaneEntryKind.Left;
            if (_dynamic.Withdraw(Upstream.Carrier, change.Id, kind, change.Stamp))
            {
                Counters.AddRemoved(1);
            }

            return;
        }

        if (envelope.Stamp!.Value.Node == Node)
        {
            return; // Of what this node says itself others can only have older versions, by another way.
        }

        NoteAttachment(envelope.Stamp.Value);
        var record = DynamicJournal.FindOrAdd(change.Id);
        if (record.Generation < Upstream.DynamicSpaceSince)
        {
            // Another hub, or a restarted one: it may number attachments anew, so what the last one said cannot make this stale.
            _dynamic.Forget(Upstream.Carrier, record);
        }

        record.Generation = Upstream.Generation;
        Upstream.Confirm(change.Id);
        Count(record.Current, envelope);
        _dynamic.Offer(Upstream.Carrier, envelope);
    }

    private void Count(Envelope? before, Envelope after)
    {
        if (before is not null && before.SameContent(after))
        {
            Counters.AddResent(1);
        }
        else
        {
            Counters.AddReceived(1);
        }
    }

    private void TakeStates(bool isStored, long revision, List<(uint Number, Completeness Completeness)> states)
    {
        var pruned = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (number, completeness) in states)
        {
            if (Upstream.Entries.GetValueOrDefault(number) is { } entry && IsStored(entry) == isStored)
            {
                entry.Completeness = completeness;
                if (completeness == Completeness.Complete && entry.PruneDue)
                {
                    pruned.Add(entry.Type);
                }
            }
        }

        foreach (var entry in Upstream.Entries.Values.Where(entry => IsStored(entry) == isStored))
        {
            // An item that is not complete is sent whole next time: nobody knows what it lacks.
            entry.Revision = entry.Completeness == Completeness.Complete ? Math.Max(entry.Revision, revision) : 0;
        }

        foreach (var type in pruned)
        {
            Counters.AddRemoved(Prune(type, entry => entry.Completeness == Completeness.Complete));
            foreach (var entry in Upstream.OfType(type).Where(entry => entry.Completeness == Completeness.Complete))
            {
                entry.PruneDue = false;
            }
        }
    }

    /// <summary>Forgets the items that the changes up to a number took back, now that a bundle reflects these. Returns them.</summary>
    private InterestEntry[] TakeWithdrawn(bool isStored, uint number)
    {
        Upstream.AnswerInterest(isStored, number);
        var withdrawn = Upstream.Entries.Values.Where(entry => entry.WithdrawnIn <= number && IsStored(entry) == isStored).ToArray();
        Array.ForEach(withdrawn, Upstream.Remove);
        return withdrawn;
    }

    /// <summary>A whole sync of the item has ended: what it covers and was not confirmed since its beginning is absent, also long after.</summary>
    private static bool HasProof(InterestEntry entry) => entry is { Completeness: Completeness.Complete, PruneDue: false };

    /// <summary>
    /// The upstream has said what leaves with items that were taken back, as far as it knew: what it has forgotten itself it does not name. Where
    /// no item covers an object, it goes; one that the upstream has yet to answer is sent whole, and proves then what is gone.
    /// </summary>
    private void RemoveUncovered(string[] types)
    {
        foreach (var type in types)
        {
            Counters.AddRemoved(Prune(type, HasProof));
        }
    }

    /// <summary>
    /// Removes the objects of a type that a sync proved absent: for every item that could cover the object a whole sync has ended, and none of
    /// them brought it. An item that resumed keeps what it covered, because it would have sent the removal. Items for all objects, and for
    /// the one, prove it alone: what any other item covers, they cover.
    /// </summary>
    private int Prune(string type, Func<InterestEntry, bool> isProof)
    {
        var entries = Upstream.OfType(type).ToArray();
        var journal = Types.Find(type)!.IsDynamic ? DynamicJournal : StoredJournal;
        var removed = 0;
        foreach (var id in FromAbove(type))
        {
            if (journal.Find(id) is { } record && Held(journal, id) is { } held && IsAbsent(record, held))
            {
                removed += RemoveAbsent(journal, record) ? 1 : 0;
            }
        }

        return removed;

        bool IsAbsent(KeyRecord record, Envelope current)
        {
            var (isAbsent, isForSome, isOpen) = (true, false, false);
            foreach (var entry in entries.Where(entry => entry.Selector.CouldCover(current)))
            {
                var isProven = isProof(entry) && record.Generation < entry.WholeSince;
                if (isProven && entry.Selector.Kind is SelectorKind.All or SelectorKind.Key)
                {
                    return true;
                }

                isAbsent &= isProven;
                isForSome |= isProven;
                isOpen |= !isProof(entry);
            }

            if (isForSome && isOpen)
            {
                Upstream.Doubtful.Add(record.Id);
            }

            return isAbsent;
        }
    }

    /// <summary>What the upstream may have brought of a type. Of the store: what this epoch brought is confirmed, so the view before it has all that can be absent.</summary>
    private ObjectId[] FromAbove(string type) => Types.Find(type)!.IsDynamic
        ? [.. Upstream.Carrier.Keys.Where(id => id.Type == type)]
        : [.. StoredJournal.Snapshot.Table(type).ByKey.From().Select(row => row.Value.Id)];

    private bool RemoveAbsent(SpaceJournal journal, KeyRecord record)
    {
        Upstream.Confirm(record.Id);
        if (journal == DynamicJournal)
        {
            return _dynamic.Withdraw(Upstream.Carrier, record.Id, LaneEntryKind.Left, stamp: null);
        }

        journal.Remove(record, LaneEntryKind.Left, journal.OpenRevision);
        return true;
    }
}
