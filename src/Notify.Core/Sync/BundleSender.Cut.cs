using Notify.Core.Journal;
using Notify.Core.Types;
using SpaceKind = Notify.Core.Protocol.SpaceKind;

namespace Notify.Core.Sync;

/// <summary>Taking cuts: what happens inside the mirror's lock.</summary>
internal sealed partial class BundleSender
{
    /// <summary>
    /// Takes the next cut, or returns null and arranges to be woken when there is nothing to send. Inside the lock: chunk lists are copied and
    /// markers checked; no version is touched, let alone encoded.
    /// </summary>
    private SenderCut? TryCut()
    {
        lock (_mirror.Gate)
        {
            var waiting = _journal.Space is null || IsInParts;
            if (!waiting && _space != _journal.Space)
            {
                BeginSpace(_journal.Space!);
            }

            IsBehind = !waiting && _journal.Head < NotBefore && _journal.Space == PeerSpace;
            if (waiting || IsBehind || IsEarly())
            {
                _mirror.WakeOnChange(_journal, main: true, [], _wake);
                return null;
            }

            var (interest, newScopes) = PendingInterest();
            var whole = WholeItems(interest);
            if (MustWaitForTurn(whole))
            {
                return null;
            }

            var states = StatesToTell(interest, whole);
            if (whole.Count == 0 && states.Count == 0 && _changes.Count == 0 && _cursorSequence == _journal.Sequence)
            {
                _mirror.WakeOnChange(_journal, interest.NeedsMain, interest.Scopes, _wake);
                return null;
            }

            var cut = new SenderCut
            {
                Snapshot = _journal.Snapshot,
                AfterRevision = _cursorRevision,
                AfterSequence = _cursorSequence,
                Interest = interest,
                InterestNumber = _changes.Count > 0 ? _changes[^1].Number : _interestNumber,
                ChangeCount = _changes.Count,
                Whole = whole,
                States = states,
            };
            cut.NewScopes.UnionWith(newScopes);
            CutLanes(cut);
            CollectStillCovered(cut);
            CollectDeparted(cut);
            if (cut.InterestChanged)
            {
                CollectAlreadyHeld(cut);
                CollectLeftInterest(cut);
            }

            CollectShadowed(cut);
            return cut;
        }
    }

    /// <summary>
    /// A relay applies a bundle that is too large to be kept aside as it comes. Nodes below get it whole: what refers to an object may be in the rest.
    /// </summary>
    private bool IsInParts => _kind == SpaceKind.Stored && _mirror.Upstream.StoredPartOf is not null;

    /// <summary>The upstream has yet to say whether the peer can go on from where it was.</summary>
    private bool IsEarly() =>
        _cursorSequence is null
        && MayWait is { } mayWait
        && _interest.Items.Values.Any(item => !item.NeedsWhole && _completeness(item, _interest) == Completeness.NotReady)
        && mayWait();

    /// <summary>
    /// What the peer has just begun to ask for comes at once: its other objects would have to wait with it. Everything else that is sent whole is a sync
    /// from the beginning, of which there may be too many at a time.
    /// </summary>
    private bool MustWaitForTurn(HashSet<SenderItem> whole)
    {
        if (MayBeginWhole is null || !whole.Any(item => _interest.Items.ContainsKey(item.Number)))
        {
            return false;
        }

        _hasTurn = MayBeginWhole();
        return !_hasTurn;
    }

    private void BeginSpace(Space space)
    {
        (_space, _cursorRevision, _cursorSequence) = (space, 0, null);
        foreach (var item in _interest.Items.Values)
        {
            item.NeedsWhole = true;
        }
    }

    /// <summary>The interest with all changes asked for since the last bundle, and the scopes that it did not have before.</summary>
    private (SenderInterest Interest, List<Scope> NewScopes) PendingInterest()
    {
        if (_changes.Count == 0)
        {
            return (_interest, []);
        }

        // The cut after this one waits for other lanes.
        _mirror.ForgetWakes(_journal, _interest.Scopes, _wake);

        // Numbers are never used again, so an item that a later change takes back is not added at all.
        var removed = _changes.SelectMany(change => change.Remove).ToHashSet();
        var next = _interest.Without(removed);
        foreach (var item in _changes.SelectMany(change => change.Add).Where(item => !removed.Contains(item.Number)))
        {
            next.Add(item);
        }

        foreach (var item in _changes.SelectMany(change => change.OtherSpace).Where(item => !removed.Contains(item.Number)))
        {
            next.AddOtherSpace(item);
        }

        var newScopes = next.Scopes.Where(scope => !_interest.Scopes.Contains(scope)).ToList();
        return (next, newScopes);
    }

    /// <summary>
    /// Items to send from the beginning: new ones, and those of lanes that forgot something since the cursor. What is referred to is
    /// one selector over all lanes, so it goes whole when one of them cannot resume.
    /// </summary>
    private HashSet<SenderItem> WholeItems(SenderInterest interest)
    {
        var whole = new HashSet<SenderItem>();
        var canResumeMain = _cursorSequence is { } sequence
            ? _journal.Main.FloorSequence <= sequence
            : _journal.Main.Floor <= _cursorRevision;
        var lost = interest.Scopes.Where(IsLost).ToHashSet();

        // What the peer got by items that it withdrew and that is referred to no more goes silently where its markers are forgotten, or where
        // this node has yet to get what it cannot name.
        var isReferredLost = lost.Count > 0
            || (_changes.Count > 0
                && (_interest.Scopes.Any(IsLost)
                    || (_interest.NeedsMain && !canResumeMain)
                    || _interest.Items.Values.Any(item => item.Told != Completeness.Complete && !interest.Items.ContainsKey(item.Number))));
        foreach (var item in interest.Items.Values)
        {
            if (item.IsPutOff)
            {
                if (_completeness(item, interest) == Completeness.NotReady)
                {
                    continue;
                }

                (item.IsPutOff, item.NeedsWhole) = (false, true);
            }

            var canResume = item.Selector.Kind switch
            {
                SelectorKind.Scope => !lost.Contains(item.Selector.Scope),
                SelectorKind.Referred => !isReferredLost,
                SelectorKind.Named => true,
                _ => canResumeMain,
            };
            var isKnown = canResume && (_cursorSequence is not null || KnowsSince?.Invoke(item, interest, _cursorRevision) != false);
            item.HasGaps |= !canResume && !item.NeedsWhole;
            item.IsPutOff = (item.NeedsWhole || !isKnown) && MayBeOlder(item, interest);
            if (!item.IsPutOff && (item.NeedsWhole || !isKnown))
            {
                whole.Add(item);
            }
        }

        return whole;

        bool IsLost(Scope scope) => !_journal.CanResume(scope, _cursorRevision, _cursorSequence);
    }

    /// <summary>
    /// The peer has been further, at another relay or controller, than what this relay has kept of the item since it was cut off: nothing of that is sent
    /// before the upstream has brought it up to date.
    /// </summary>
    private bool MayBeOlder(SenderItem item, SenderInterest interest) =>
        KnowsSince is not null && (NotBefore > 0 || _cursorSequence is not null) && _space == PeerSpace && _completeness(item, interest) == Completeness.NotReady;

    private List<(SenderItem Item, Completeness Completeness)> StatesToTell(SenderInterest interest, HashSet<SenderItem> whole)
    {
        var states = new List<(SenderItem, Completeness)>();
        foreach (var item in interest.Items.Values)
        {
            var now = _completeness(item, interest);
            if (now != item.Told || whole.Contains(item))
            {
                states.Add((item, now));
            }
        }

        return states;
    }

    private void CutLanes(SenderCut cut)
    {
        if (cut.Interest.NeedsMain)
        {
            cut.Main = Since(_journal.Main, cut);
        }

        var anyReferredWhole = cut.Whole.Any(item => item.Selector.Kind == SelectorKind.Referred);
        foreach (var scope in cut.Interest.Scopes)
        {
            if (_journal.FindLane(scope) is { } lane)
            {
                var needsAll = anyReferredWhole
                    || cut.NewScopes.Contains(scope)
                    || cut.Whole.Any(item => item.Selector.Kind == SelectorKind.Scope && item.Selector.Scope == scope);
                cut.Lanes.Add((scope, needsAll ? lane.Lane.CutAfterRevision(-1) : Since(lane.Lane, cut)));
            }
        }
    }

    private static LaneCut Since(Lane lane, SenderCut cut) =>
        cut.AfterSequence is { } sequence ? lane.CutAfterSequence(sequence) : lane.CutAfterRevision(cut.AfterRevision);

    /// <summary>
    /// Markers of keys that the interest covers through something else. Only lanes of several scopes can disagree; markers per lane are
    /// bounded, so this is, too.
    /// </summary>
    private void CollectStillCovered(SenderCut cut)
    {
        foreach (var (_, lane) in cut.Lanes)
        {
            foreach (var entry in lane.Entries)
            {
                if (entry.IsMarker && cut.IsAfterCursor(entry) && IsCovered(cut, entry))
                {
                    cut.StillCovered.Add(entry.Id);
                }
            }
        }
    }

    /// <summary>
    /// What the interest before this cut covered and nothing covers now, where no lane of the interest as it is now would say so; the peer would
    /// keep it. Looks at what is new since the cursor only.
    /// </summary>
    private void CollectDeparted(SenderCut cut)
    {
        if (cut.AfterSequence is null && cut.AfterRevision == 0)
        {
            return; // The peer holds nothing from this side.
        }

        foreach (var scope in _interest.Scopes)
        {
            if (_journal.FindLane(scope) is { } lane)
            {
                cut.Departed.AddRange(Since(lane.Lane, cut).Entries.Where(entry => HadInLane(cut, entry, scope) && !IsCovered(cut, entry)));
            }
        }

        if (cut.InterestChanged && _interest.NeedsMain)
        {
            cut.Departed.AddRange(Since(_journal.Main, cut).Entries.Where(entry =>
                entry.IsMarker
                && _interest.CoverInMain(entry.Id) is not null
                && cut.Interest.CoverInMain(entry.Id) is null
                && !IsCovered(cut, entry)));
        }
    }

    private bool HadInLane(SenderCut cut, LaneEntry entry, Scope scope) =>
        (cut.InterestChanged && entry.IsMarker && _interest.CoverInLane(entry, scope) is not null && !IsSaidByLane(cut, entry, scope))
        || (cut.IsDirectNews(entry) && _interest.CoverInLaneBefore(entry, scope) is not null);

    /// <summary>
    /// The interest as it is now has the lane and asks for such objects in it, so the lane's own entries say what went, or a whole sync proves
    /// it; a part of what went beside that sync would be a part of an epoch.
    /// </summary>
    private static bool IsSaidByLane(SenderCut cut, LaneEntry entry, Scope scope) =>
        cut.Interest.Scopes.Contains(scope) && cut.Interest.CoverInLane(entry, scope) is not null;

    private bool IsCovered(SenderCut cut, LaneEntry entry) =>
        _journal.Find(entry.Id)?.Current is { } current && cut.Interest.Covers(current, _journal, cut);

    /// <summary>What new scopes refer to and the peer was sent through its other scopes: a wider interest brings the difference only.</summary>
    private void CollectAlreadyHeld(SenderCut cut)
    {
        foreach (var (_, lane) in cut.Lanes.Where(lane => cut.NewScopes.Contains(lane.Scope)))
        {
            foreach (var entry in lane.Entries)
            {
                if (!entry.IsMarker
                    && !entry.Direct
                    && !cut.IsAfterCursor(entry)
                    && _interest.Type(entry.Id.Type)?.Referred is not null
                    && _interest.IsReferred(entry.Id, _journal, asOf: cut))
                {
                    cut.AlreadyHeld.Add(entry.Id);
                }
            }
        }
    }

    /// <summary>Upward only: nothing from above stands beside what came from above. Few, as two senders of one key are a mistake or a move.</summary>
    private void CollectShadowed(SenderCut cut)
    {
        if (_journal != _mirror.DynamicJournal || !_peer.Equals(Origin.Upstream))
        {
            return;
        }

        foreach (var candidate in _mirror.Carried.Shadowed)
        {
            cut.Shadowed.Add(candidate.Envelope.Id, candidate.Envelope with { Revision = candidate.Revision });
        }
    }

    /// <summary>What removed items covered and no other item does. Rare, and as large as what is removed.</summary>
    private void CollectLeftInterest(SenderCut cut)
    {
        var removedScopes = _interest.Scopes.Where(scope => !cut.Interest.Scopes.Contains(scope)).ToHashSet();
        var seen = new HashSet<ObjectId>();
        foreach (var item in _interest.Items.Values.Where(item => !cut.Interest.Items.ContainsKey(item.Number)))
        {
            Collect(cut, seen, CoveredBy(item));
        }

        foreach (var scope in removedScopes)
        {
            // What was referred to from there alone goes with the scope.
            Collect(cut, seen, InLane(scope, direct: false).Where(envelope => _interest.Type(envelope.Id.Type)?.Referred is not null));
        }
    }

    private void Collect(SenderCut cut, HashSet<ObjectId> seen, IEnumerable<Envelope> covered)
    {
        foreach (var envelope in covered)
        {
            if (seen.Add(envelope.Id) && !cut.Interest.Covers(envelope, _journal, sentBy: null) && !MayBeReferred(cut, envelope))
            {
                cut.LeftInterest.Add(envelope);
            }
        }
    }

    /// <summary>
    /// A relay that has yet to get what refers to an object cannot say that nothing does. The item is sent whole once it can, and that sync proves what
    /// is gone.
    /// </summary>
    private bool MayBeReferred(SenderCut cut, Envelope envelope)
    {
        if (!envelope.Scopes.IsEmpty
            || cut.Interest.Type(envelope.Id.Type)?.Referred is not { } item
            || _completeness(item, cut.Interest) != Completeness.NotReady)
        {
            return false;
        }

        item.NeedsWhole |= !cut.Whole.Contains(item);
        return true;
    }

    private IEnumerable<Envelope> CoveredBy(SenderItem item)
    {
        var table = _journal.Snapshot.Table(item.Type);
        return item.Selector.Kind switch
        {
            SelectorKind.All => table.ByKey.From().Select(row => row.Value),
            SelectorKind.Key => table.ByKey.Find(item.Selector.Key) is { } envelope ? [envelope] : [],
            SelectorKind.Scope => InLane(item.Selector.Scope, direct: true).Where(envelope => envelope.Id.Type == item.Type),
            SelectorKind.Referred => _interest.Scopes
                .SelectMany(scope => InLane(scope, direct: false))
                .Where(envelope => envelope.Id.Type == item.Type),
            _ => [],
        };
    }

    private IEnumerable<Envelope> InLane(Scope scope, bool direct) =>
        _journal.FindLane(scope)?.Members.Values
            .Where(member => member.Visible && member.Direct == direct)
            .Select(member => member.Record.Current!)
        ?? [];
}
