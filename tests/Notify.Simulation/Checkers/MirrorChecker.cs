using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Simulation.Model;
using Notify.Simulation.Nodes;
using Notify.Simulation.Plans;
using Completeness = Notify.Core.Sync.Completeness;
using Envelope = Notify.Core.Types.Envelope;
using Selector = Notify.Core.Sync.Selector;
using Space = Notify.Core.Journal.Space;

namespace Notify.Simulation.Checkers;

/// <summary>
/// Judges each view of one process's mirror. Where the process is synced, what it shows at revision R is exactly what DESIGN says it has
/// of the store's state R: that is G2 (no part of an epoch), G6 (nothing else) and the closure of G7 at once.
/// </summary>
internal sealed partial class MirrorChecker(World world, SimProcess process)
{
    private const long NotSent = long.MaxValue;

    private readonly bool _isHub = process.Node.Plan.IsController;

    private readonly bool _isRelay = process.Node.Plan.IsRelay;
    private long _number = -1;

    // The first view that had all of the interest after one that had not.
    private long _answeredNumber;
    private bool _isAnswerOpen;
    private long _revision;
    private Space? _space;
    private readonly Dictionary<uint, (string Type, Selector Selector)> _told = [];
    private InterestPlan _interest = process.Node.Interest;

    // The interest change that a bundle of the space has yet to reflect; null when none is.
    private long? _pendingStored = NotSent;
    private long? _pendingDynamic = NotSent;

    private Mirror Mirror => process.Mirror;

    private string Name => process.Id;

    public void OnInterest(InterestPlan interest)
    {
        _interest = interest;
        (_pendingStored, _pendingDynamic) = (NotSent, NotSent);
    }

    /// <summary>A frame says what the node asks for: all of it, or what changes.</summary>
    public void OnInterestSent(uint number, IEnumerable<InterestItem> added, IEnumerable<uint> removed)
    {
        if (number == 0)
        {
            _told.Clear();
        }

        foreach (var item in added.Select(WireTypes.FromWire))
        {
            _told[item.Number] = (item.Type, item.Selector);
        }

        foreach (var one in removed)
        {
            _told.Remove(one);
        }

        if (_isRelay)
        {
            // It asks for what nodes below need: for what it says that it does.
            _interest = new InterestPlan([.. _told.Values.Distinct()]);
            (_pendingStored, _pendingDynamic) = (number, number);
            return;
        }

        // A frame may be written after the interest has changed again: it counts only if it says what is asked for now.
        var isNow = _told.Count == _interest.Items.Length && _interest.Items.All(_told.ContainsValue);
        _pendingStored = _pendingStored is null ? null : isNow ? number : NotSent;
        _pendingDynamic = _pendingDynamic is null ? null : isNow ? number : NotSent;
    }

    /// <summary>A bundle that reflects the interest up to a change was delivered.</summary>
    public void OnBundle(bool isStored, uint interest)
    {
        ref var pending = ref isStored ? ref _pendingStored : ref _pendingDynamic;
        if (pending <= interest)
        {
            pending = null;
            _number = -1;
            _isAnswerOpen = true;
        }
    }

    /// <summary>Looks at the mirror, if it shows something new.</summary>
    public void Check()
    {
        var view = Mirror.Snapshot();
        if (view.Number == _number || world.Violation is not null)
        {
            return;
        }

        _number = view.Number;
        _isAnswerOpen |= !IsExact;
        if (_isAnswerOpen && IsExact)
        {
            (_answeredNumber, _isAnswerOpen) = (view.Number, false);
        }

        world.Statistics.Checks++;
        CheckRevision(view);
        // Synced counts for the interest that was asked for last, whatever is on its way. Without a session, what is referred to no more may stay.
        var isSynced = !_isHub && !_isRelay && Mirror.IsSynced;
        if (IsExact || isSynced)
        {
            CheckStored(view, mayHaveMore: isSynced && !process.IsConnected);
        }

        // What is on its way out with an interest that was withdrawn is nobody's epoch any more.
        var isLeaving = !_isHub && _pendingDynamic is not null && (_isRelay || !_interest.Items.Contains((SimTypes.Alarm, Selector.All)));
        if (world.Faults.StagedBytesMax > 1000 && !isLeaving)
        {
            // A bundle above the staging limit is applied as it comes, at a hub too.
            CheckGroups(view);
        }
    }

    /// <summary>The stored objects shown have to be exactly those of the view's revision.</summary>
    private bool IsExact => _isHub
        ? Mirror.Snapshot().StoredSpace is not null
        : IsToldAll && _pendingStored is null && Mirror.Upstream.StoredPartOf is null && IsComplete(isDynamic: false);

    /// <summary>At a relay: what nodes below need is what it has told its upstream, and that has answered.</summary>
    private bool IsToldAll => !_isRelay
        || (Mirror.IsInterestSettled && Mirror.Upstream.Wanted.Count == _interest.Items.Length && _interest.Items.All(item => Mirror.Upstream.Wanted.Any(entry => (entry.Type, entry.Selector) == item)));

    /// <summary>The store that the view is a view of: there may be another one by now.</summary>
    private StoreModel Model(MirrorSnapshot view) => world.Store.ModelOf(view.StoredSpace);

    private bool IsComplete(bool isDynamic) => Mirror.Upstream.Entries.Values
        .Where(entry => SimTypes.IsDynamic(entry.Type) == isDynamic)
        .All(entry => entry.Completeness == Completeness.Complete && !entry.PruneDue);

    private void CheckRevision(MirrorSnapshot view)
    {
        if (view.StoredSpace == _space && view.StoredRevision < _revision)
        {
            world.Fail("no going back", $"{Name} went from revision {_revision} to {view.StoredRevision}.");
        }

        if (view.StoredRevision > Model(view).Head)
        {
            world.Fail("no going back", $"{Name} is at revision {view.StoredRevision}, the store at {Model(view).Head}.");
        }

        (_space, _revision) = (view.StoredSpace, view.StoredRevision);
    }

    private void CheckStored(MirrorSnapshot view, bool mayHaveMore)
    {
        if (Difference(view, view.StoredRevision, mayHaveMore) is { } difference)
        {
            world.Fail("epochs", $"{Name}, synced at revision {view.StoredRevision}: {difference}");
        }
    }

    /// <summary>How the stored objects of a view differ from the model at the view's revision, or null.</summary>
    public string? Difference(MirrorSnapshot view) => Difference(view, view.StoredRevision);

    /// <summary>How the stored objects of a view differ from the model at a revision, or null.</summary>
    public string? Difference(MirrorSnapshot view, long revision, bool mayHaveMore = false)
    {
        var model = Model(view);
        if (revision > model.Head)
        {
            return $"revision {revision} is none of the store's";
        }

        var state = model.At(revision);
        var wanted = _isHub ? null : model.Wanted(revision, _interest);
        foreach (var id in wanted ?? state.Keys)
        {
            var expected = state[id];
            if (IsOwn(expected))
            {
                continue;
            }

            if (view.Find(id) is not { } actual)
            {
                return $"lacks {SimTypes.Name(id)} r{expected.Revision}";
            }

            if (actual.Revision != expected.Revision || !actual.SameContent(expected))
            {
                return $"has {SimTypes.Name(id)} r{actual.Revision}={actual.Value.ToStringUtf8()}, expected r{expected.Revision}={expected.Value.ToStringUtf8()}";
            }
        }

        var own = process.Published.Values.Select(said => said.Object).Where(said => SimTypes.IsShared(said.Id.Type)).ToArray();
        if (own.FirstOrDefault(said => view.Find(said.Id)?.SameContent(said) != true) is { } lacking)
        {
            return $"has {SimTypes.Name(lacking.Id)}={view.Find(lacking.Id)?.Value.ToStringUtf8() ?? "-"} and publishes {lacking.Value.ToStringUtf8()}";
        }

        var others = wanted is null ? state.Count : world.HasShared ? wanted.Count(id => !IsOwn(state[id])) : wanted.Count;
        if (!mayHaveMore && SimTypes.InStore.Sum(view.Count) is var count && count != others + own.Length)
        {
            var extra = SimTypes.InStore.SelectMany(type => view.List(type))
                .First(shown => !process.Published.ContainsKey(shown.Id) && (wanted is null ? !state.ContainsKey(shown.Id) : !wanted.Contains(shown.Id) || IsOwn(state[shown.Id])));
            return $"still has {SimTypes.Name(extra.Id)} r{extra.Revision}";
        }

        return null;
    }

    /// <summary>Of shared objects a node shows its own as it has published them, and others' only where it has none.</summary>
    private bool IsOwn(Envelope stored) => !_isHub && SimTypes.IsShared(stored.Id.Type)
        && (stored.Stamp!.Value.Node == process.Node.Plan.Name || process.Published.ContainsKey(stored.Id));

    /// <summary>What one node publishes together is seen together: all of one epoch, or nothing.</summary>
    private void CheckGroups(MirrorSnapshot view)
    {
        if (view.Count(SimTypes.Alarm) == 0)
        {
            return;
        }

        foreach (var group in world.Plan.Groups)
        {
            var first = view.Find(group[0]);
            for (var i = 1; i < group.Length; i++)
            {
                if (view.Find(group[i])?.Value != first?.Value)
                {
                    world.Fail(
                        "epochs",
                        $"{Name} shows a part of an epoch: {SimTypes.Name(group[0])}={first?.Value.ToStringUtf8() ?? "-"}, {SimTypes.Name(group[i])}={view.Find(group[i])?.Value.ToStringUtf8() ?? "-"}");
                }
            }
        }
    }
}
