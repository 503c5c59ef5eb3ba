using System.Collections.Immutable;
using Notify.Core.Journal;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>Change events: subscriptions are cursors of their own, so a slow handler conflates and never holds anybody up.</summary>
public sealed partial class Mirror
{
    private ImmutableArray<MirrorSubscription> _subscriptions = [];
    private readonly HashSet<Action> _handledWakes = [];

    /// <summary>How many subscriptions there are.</summary>
    public int SubscriptionCount => _subscriptions.Length;

    /// <summary>
    /// Calls a handler with every change from here on. Each call covers one or more whole epochs, in reference order; a handler
    /// that is slower than the changes gets them merged. Calls of one subscription never overlap. What the handler throws is logged as a
    /// rejection of the change and holds nothing back.
    /// </summary>
    /// <param name="handler">Synchronous: a revision counts as applied at this node when it has returned.</param>
    /// <param name="since">The view that the handler knows already; by default nothing, so that the first call brings what is there.</param>
    public MirrorSubscription Subscribe(Action<MirrorChange> handler, MirrorSnapshot? since = null)
    {
        var subscription = new MirrorSubscription(this, handler, since ?? EmptySnapshot());
        ImmutableInterlocked.Update(ref _subscriptions, static (all, one) => all.Add(one), subscription);
        subscription.Schedule();
        return subscription;
    }

    /// <summary>An empty view: the difference to it is everything.</summary>
    public MirrorSnapshot EmptySnapshot() => new(-1, Types, SpaceSnapshot.Empty, SpaceSnapshot.Empty);

    /// <summary>The number of the newest view that every subscription's handler has returned for.</summary>
    internal long HandledNumber
    {
        get
        {
            var handled = _current.Number;
            foreach (var subscription in _subscriptions)
            {
                handled = Math.Min(handled, subscription.HandledNumber);
            }

            return handled;
        }
    }

    /// <summary>Wakes once, from any thread, when <see cref="HandledNumber"/> may have risen.</summary>
    internal void WakeWhenHandled(Action wake)
    {
        lock (_handledWakes)
        {
            _handledWakes.Add(wake);
        }
    }

    /// <summary>How many wakes wait for handlers.</summary>
    internal int HandledWakeCount
    {
        get
        {
            lock (_handledWakes)
            {
                return _handledWakes.Count;
            }
        }
    }

    /// <summary>Forgets the wake of a session that ends: where nobody handles changes, nothing would ever fire it.</summary>
    internal void ForgetHandledWake(Action wake)
    {
        lock (_handledWakes)
        {
            _handledWakes.Remove(wake);
        }
    }

    internal void Execute(Action work) => _options.Execute(work);

    internal void OnHandled()
    {
        Action[] wakes;
        lock (_handledWakes)
        {
            wakes = [.. _handledWakes];
            _handledWakes.Clear();
        }

        foreach (var wake in wakes)
        {
            wake();
        }
    }

    internal void Unsubscribe(MirrorSubscription subscription)
    {
        ImmutableInterlocked.Update(ref _subscriptions, static (all, one) => all.Remove(one), subscription);
        OnHandled();
    }

    /// <summary>What differs between two views, in reference order: upserts first, what is referred to before what refers; then removals.</summary>
    internal MirrorChange Difference(MirrorSnapshot before, MirrorSnapshot? upTo = null)
    {
        LaneCut? stored, dynamic;
        MirrorSnapshot after;
        lock (_gate)
        {
            after = upTo ?? _current;
            stored = CutSince(StoredJournal, before.Stored);
            dynamic = CutSince(DynamicJournal, before.Dynamic);
        }

        var changes = new List<ObjectChange>();
        Collect(changes, before, after, stored, before.Stored, after.Stored);

        // A shared object may have news in both spaces, and is one object.
        var told = changes.Where(change => Types.Find(change.Id.Type) is { IsShared: true }).Select(change => change.Id).ToHashSet();
        Collect(changes, before, after, dynamic, before.Dynamic, after.Dynamic, told);
        return new MirrorChange(before, after, ReferenceOrder.Sort(changes, Types));
    }

    /// <summary>The entries since a view, or null where markers since then were dropped and the views have to be compared.</summary>
    private static LaneCut? CutSince(SpaceJournal journal, SpaceSnapshot since) =>
        since.Sequence < journal.Main.FloorSequence ? null : journal.Main.CutAfterSequence(since.Sequence);

    private static void Collect(
        List<ObjectChange> changes, MirrorSnapshot before, MirrorSnapshot after, LaneCut? cut, SpaceSnapshot from, SpaceSnapshot to, HashSet<ObjectId>? told = null)
    {
        var ids = cut is not null
            ? cut.Entries.Select(entry => entry.Id)
            : from.Tables.Concat(to.Tables).SelectMany(tables => tables.Value.ByKey.From()).Select(row => row.Value.Id).Distinct();
        foreach (var id in ids)
        {
            if (told?.Contains(id) == true)
            {
                continue;
            }

            var (old, now) = (before.Find(id), after.Find(id));
            if (old is null ? now is not null : now is null || !old.SameContent(now))
            {
                changes.Add(new ObjectChange(id, old, now));
            }
        }
    }
}
