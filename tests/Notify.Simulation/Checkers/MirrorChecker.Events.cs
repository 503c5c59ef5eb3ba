using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Simulation.Plans;
using Completeness = Notify.Core.Sync.Completeness;

namespace Notify.Simulation.Checkers;

/// <summary>Judges what a handler is called with: whole views, in reference order, nothing that goes back, nothing that nobody wrote.</summary>
internal sealed partial class MirrorChecker
{
    private readonly Dictionary<ObjectId, Envelope> _handled = [];

    /// <summary>Revision of the version that the handler knew when it was told that the object goes.</summary>
    private readonly Dictionary<ObjectId, (long Version, long View)> _goneAt = [];
    private readonly Dictionary<(ObjectId Id, string Node), (Envelope Shown, Space? Space)> _stamps = [];
    private readonly Dictionary<ObjectId, long> _revisions = [];
    private readonly HashSet<ObjectId> _held = [];

    /// <summary>Shared objects that the process has ever published.</summary>
    private readonly HashSet<ObjectId> _ownIds = [];
    private long _handledNumber = -1;
    private Space? _handledSpace;

    /// <summary>The view whose handler has returned last.</summary>
    public MirrorSnapshot? HandledView { get; private set; }

    /// <summary>A hub: the object was here since the process started.</summary>
    public bool HasHeld(ObjectId id) => _held.Contains(id);

    /// <summary>The process publishes the object.</summary>
    public void OnPublished(ObjectId id)
    {
        if (SimTypes.IsShared(id.Type))
        {
            _ownIds.Add(id);
        }
    }

    /// <summary>A hub: a node below sent the object, or a relay got it from above.</summary>
    public void OnReceived(ObjectId id) => _held.Add(id);

    /// <summary>The first object of the store that the handler should know to have applied a revision, and does not; null when it knows all.</summary>
    // What a wider interest brought at a revision that was applied before is not waited for.
    public string? FirstUnhandled(long revision)
    {
        var model = Model(Mirror.Snapshot());
        if (!IsExact || _isAnswerOpen || revision > model.Head || (HandledView?.Number ?? -1) < _answeredNumber)
        {
            return null;
        }

        var state = model.At(revision);
        foreach (var id in model.Wanted(revision, _interest))
        {
            if (SimTypes.IsShared(id.Type) && (IsOwn(state[id]) || _ownIds.Contains(id)))
            {
                continue;
            }

            // Later states than that revision's are fine: newer versions, and what has gone since, though it may be back in the mirror by now.
            if (!_handled.TryGetValue(id, out var known)
                ? Mirror.Snapshot().Find(id)?.Revision == state[id].Revision && _goneAt.GetValueOrDefault(id) is var gone && gone.Version < state[id].Revision && gone.View < revision
                : known.Revision < state[id].Revision && !known.SameContent(state[id]))
            {
                return $"{SimTypes.Name(id)} r{state[id].Revision}";
            }
        }

        return null;
    }

    public void Subscribe() => Mirror.Subscribe(OnChange);

    private void OnChange(MirrorChange change)
    {
        world.Statistics.HandlerCalls++;
        if (change.Before.Number != _handledNumber && _handledNumber >= 0)
        {
            // Views without a difference are passed over, so the number may be higher, never lower.
            if (change.Before.Number < _handledNumber)
            {
                world.Fail("events", $"{Name}'s handler was called from view {change.Before.Number} after view {_handledNumber}.");
            }
        }

        if (change.After.StoredSpace != _handledSpace)
        {
            // Revisions of another life of the store compare with nothing.
            _handledSpace = change.After.StoredSpace;
            _revisions.Clear();
            _goneAt.Clear();
        }

        CheckOrder(change);
        foreach (var one in change.Changes)
        {
            CheckChange(change, one);
            Apply(one, change.After.StoredRevision);
        }

        CheckWhole(change.After);
        (_handledNumber, HandledView) = (change.After.Number, change.After);
        if (process.HandlersThrow && world.Random.Chance(50))
        {
            world.Fire(FaultKind.ThrowingHandler);
            throw new InvalidOperationException("The plan says so.");
        }
    }

    private void Apply(ObjectChange one, long revision)
    {
        if (one.New is { } now)
        {
            _handled[one.Id] = now;
            _held.Add(one.Id);
        }
        else
        {
            if (_handled.Remove(one.Id, out var gone))
            {
                _goneAt[one.Id] = (gone.Revision, revision);
            }
        }
    }

    private void CheckChange(MirrorChange change, ObjectChange one)
    {
        var known = _handled.GetValueOrDefault(one.Id);
        if (one.Old is null != known is null || (known is not null && !one.Old!.SameContent(known)))
        {
            world.Fail("events", $"{Name}'s handler was told that {SimTypes.Name(one.Id)} was {one.Old?.Value.ToStringUtf8() ?? "-"}, it knew {known?.Value.ToStringUtf8() ?? "-"}.");
        }

        if (change.After.Find(one.Id)?.Value != one.New?.Value)
        {
            world.Fail("events", $"{Name}'s handler was given {SimTypes.Name(one.Id)} that is not in its view.");
        }

        if (one.New is { } now)
        {
            CheckVersion(now);
        }
        else if (_isHub || (_isRelay && SimTypes.IsDynamic(one.Id.Type) && !one.Old!.Origin.Equals(Origin.Upstream)))
        {
            CheckFlush(one);
        }
        else
        {
            CheckRemoval(change, one);
        }
    }

    private void CheckVersion(Envelope now)
    {
        if (SimTypes.IsShared(now.Id.Type) && !_isHub && now.Stamp!.Value.Node == process.Node.Plan.Name)
        {
            return; // It says so itself, in its own time.
        }

        if (!SimTypes.IsDynamic(now.Id.Type))
        {
            if (_revisions.GetValueOrDefault(now.Id) > now.Revision)
            {
                world.Fail("no going back", $"{Name}: {SimTypes.Name(now.Id)} went from revision {_revisions[now.Id]} to {now.Revision}.");
            }

            _revisions[now.Id] = now.Revision;
            return;
        }

        if (!world.Model.WasPublished(now))
        {
            world.Fail("events", $"{Name}: {SimTypes.Name(now.Id)}={now.Value.ToStringUtf8()} by {now.Stamp} was never published.");
        }

        // Stamps count within the life of the hub that the node follows; its own objects have the number of no session.
        var (node, space) = (now.Stamp!.Value.Node, _isHub ? Mirror.Snapshot().DynamicSpace : Mirror.Upstream.DynamicSpace);
        if (!process.HandlersAreQuick)
        {
            // A late handler is told of versions from before the hub that the node follows now.
            _stamps.Remove((now.Id, node));
        }

        // A relay shows what its upstream shows when the session below has ended, however old that is, and so do nodes below it. Where a node went from one relay to
        // another, the first one's older words may come after the last of the newer ones went, if tombstones do not last for that long.
        else if (!now.Origin.Equals(Origin.Local) && !(world.HasRelays && world.Faults.TombstonesMax < 1000) && !_isRelay && process.Link?.Above is not { Process.Node.Plan.IsRelay: true })
        {
            if (_stamps.TryGetValue((now.Id, node), out var last) && last.Space == space && now.Stamp.Value.IsOlderThan(last.Shown.Stamp!.Value) && world.Model.AreOfOneProcess(last.Shown, now))
            {
                world.Fail("no going back", $"{Name}: {SimTypes.Name(now.Id)} went from {last.Shown.Stamp} back to {now.Stamp}.");
            }

            _stamps[(now.Id, node)] = (now, space);
        }
    }

    /// <summary>An object goes when it is gone from what the node asked for, and not because nobody could say.</summary>
    private void CheckRemoval(MirrorChange change, ObjectChange one)
    {
        if (SimTypes.IsDynamic(one.Id.Type))
        {
            CheckDynamicRemoval(one);
            return;
        }

        if (_pendingStored is not null || !IsToldAll || (SimTypes.IsShared(one.Id.Type) && one.Old!.Stamp!.Value.Node == process.Node.Plan.Name))
        {
            return;
        }

        // An item that is not complete says nothing of what is gone, and an object that moved there may be on its way: it went from where it was.
        var told = Mirror.Upstream.Wanted.Where(entry => entry.Completeness == Completeness.Complete || entry.Selector.CouldCover(one.Old!))
            .Select(entry => (entry.Type, entry.Selector)).ToHashSet();
        var interest = _interest.Items.All(told.Contains) ? _interest : new InterestPlan([.. _interest.Items.Where(told.Contains)]);
        var model = Model(change.After);
        var since = change.After.StoredSpace == change.Before.StoredSpace ? change.Before.StoredRevision : model.First;
        for (var revision = Math.Max(1, since); revision <= model.Head; revision++)
        {
            if (!model.Wanted(revision, interest).Contains(one.Id) || IsOwn(model.At(revision)[one.Id]))
            {
                return;
            }
        }

        world.Fail("prune", $"{Name} lost {SimTypes.Name(one.Id)}, which was there all the time since revision {since}.");
    }

    private void CheckDynamicRemoval(ObjectChange one)
    {
        if (_pendingDynamic is null
            && IsAskedFor(one.Old!)
            && one.Old!.Origin.Equals(Origin.Upstream)
            && process.Link is { Above.Process: { IsAlive: true } hub, Client: { End: null, IsOpen: true } }
            && hub.NowMs < hub.StartedAtMs + world.Faults.SettleMs
            && process.HandlersAreQuick
            && !hub.Checker.HasHeld(one.Id))
        {
            world.Fail("prune", $"{Name} lost {SimTypes.Name(one.Id)} to a hub that started {hub.NowMs - hub.StartedAtMs} ms ago and never had it.");
        }
    }

    /// <summary>The interest covers the object, whatever refers to it.</summary>
    private bool IsAskedFor(Envelope envelope) => _interest.Items.Any(item => item.Type == envelope.Id.Type && item.Selector.Kind switch
    {
        SelectorKind.All => true,
        SelectorKind.Key => item.Selector.Key.Equals(envelope.Id.Key),
        SelectorKind.Scope => envelope.Scopes.Contains(item.Selector.Scope),
        _ => false,
    });

    private void CheckOrder(MirrorChange change)
    {
        var at = new Dictionary<ObjectId, int>();
        var isRemoving = false;
        for (var i = 0; i < change.Changes.Count; i++)
        {
            var one = change.Changes[i];
            isRemoving |= one.New is null;
            if (isRemoving && one.New is not null)
            {
                world.Fail("references", $"{Name}'s handler was given {SimTypes.Name(one.Id)} after a removal.");
            }

            if (!at.TryAdd(one.Id, i))
            {
                world.Fail("events", $"{Name}'s handler was given {SimTypes.Name(one.Id)} twice.");
            }
        }

        for (var i = 0; i < change.Changes.Count; i++)
        {
            var one = change.Changes[i];
            foreach (var target in (one.New ?? one.Old)!.References)
            {
                if (Mirror.Types.Find(one.Id.Type)!.Declaration.RefersTo.Contains(target.Type) && at.TryGetValue(target, out var other) && change.Changes[other].New is null == one.New is null && (one.New is null ? other < i : other > i))
                {
                    world.Fail("references", $"{Name}'s handler was given {SimTypes.Name(one.Id)} on the wrong side of {SimTypes.Name(target)}.");
                }
            }
        }
    }

    /// <summary>All the changes a handler was given add up to the view.</summary>
    private void CheckWhole(MirrorSnapshot view)
    {
        if (SimTypes.InMirror.Sum(view.Count) is var count && count != _handled.Count)
        {
            world.Fail("events", $"{Name}'s handler knows {_handled.Count} objects, its view has {count}.");
        }
        else if (_handled.Values.FirstOrDefault(known => view.Find(known.Id) is not { } shown || !known.SameContent(shown)) is { } other)
        {
            world.Fail("events", $"{Name}'s handler knows {SimTypes.Name(other.Id)}={other.Value.ToStringUtf8()}, its view has {view.Find(other.Id)?.Value.ToStringUtf8() ?? "-"}.");
        }
    }

    /// <summary>At rest, with handlers that return: they have been told of everything.</summary>
    public void CheckHandled() => CheckWhole(Mirror.Snapshot());
}
