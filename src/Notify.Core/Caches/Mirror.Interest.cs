using System.Diagnostics;
using Notify.Core.Journal;
using Notify.Core.Sync;

namespace Notify.Core.Caches;

/// <summary>What this node wants from above, and how far a session has told the upstream.</summary>
public sealed partial class Mirror
{
    private Interest _interest = Interest.None;

    /// <summary>What this node wants from above.</summary>
    public Interest Interest
    {
        get
        {
            lock (_gate)
            {
                return _interest;
            }
        }
    }

    /// <summary>Raised, outside the lock, when the interest was changed while a session is open.</summary>
    internal event Action? InterestChanged;

    /// <summary>
    /// Changes what this node wants from above. Connected, the upstream brings and takes away exactly the difference; disconnected, what
    /// nothing can cover any more goes at once, and the rest is settled at the next sync.
    /// </summary>
    /// <exception cref="InvalidOperationException">A type is not registered on this node.</exception>
    public void SetInterest(Interest interest)
    {
        if (interest.Items.FirstOrDefault(item => Types.Find(item.Type) is null).Type is { } unknown)
        {
            throw new InvalidOperationException($"{unknown} is not registered on this node; register its generated type first.");
        }

        // Whether a session tells the upstream or nobody does is decided under one lock with the change, or a session that opens
        // meanwhile would start from the interest before and never hear of this one.
        var isConnected = Change(() =>
        {
            _interest = interest;
            if (!Upstream.HasSession)
            {
                SettleInterest();
            }

            return Upstream.HasSession;
        });
        if (isConnected)
        {
            InterestChanged?.Invoke();
        }
    }

    /// <summary>A session begins: it says hello with the interest as it is now, and passes later changes on. Returns its number.</summary>
    internal long OpenUpstream() => Change(() =>
    {
        Debug.Assert(!Upstream.HasSession, "A node has one session with its upstream at a time.");
        SettleInterest();
        Upstream.ForgetInterestTold();
        Upstream.HasSession = true;
        return ++Upstream.Attachment;
    });

    /// <summary>A session has ended: what it did not get to tell of the interest is settled here.</summary>
    internal void CloseUpstream() => Change(() =>
    {
        Upstream.HasSession = false;
        SettleInterest();
        return true;
    });

    /// <summary>
    /// Brings the entries in line with the interest. Returns what was added and removed, for a running session to pass on under that number.
    /// </summary>
    internal (uint Number, List<InterestEntry> Added, List<InterestEntry> Removed) TakeInterest()
    {
        lock (_gate)
        {
            var (added, removed) = AddEntries(Upstream.InterestTold + 1);
            foreach (var entry in removed)
            {
                entry.WithdrawnIn = Upstream.InterestTold + 1;
            }

            if (added.Count > 0 || removed.Count > 0)
            {
                Upstream.InterestTold++;
            }

            return (Upstream.InterestTold, added, removed);
        }
    }

    /// <summary>Adds entries for what is wanted and not asked for. Returns them, and those that are not wanted any more.</summary>
    private (List<InterestEntry> Added, List<InterestEntry> Removed) AddEntries(uint toldIn)
    {
        var removed = Upstream.Wanted.Where(entry => !_interest.Items.Contains((entry.Type, entry.Selector))).ToList();
        var known = Upstream.Wanted.Select(entry => (entry.Type, entry.Selector)).ToHashSet();
        var added = new List<InterestEntry>();
        foreach (var (type, selector) in _interest.Items.Except(known).OrderBy(item => item.Type, StringComparer.Ordinal).ThenBy(item => item.Selector))
        {
            var entry = new InterestEntry(++Upstream.LastEntryNumber, type, selector) { ToldIn = toldIn };
            Upstream.Entries.Add(entry.Number, entry);
            added.Add(entry);
        }

        return (added, removed);
    }

    /// <summary>
    /// Settles, while there is no session, what changed in the interest: what no item can cover any more goes, and what is referred to
    /// has to be sent whole, because a scope may have gone or come. Called inside the lock.
    /// </summary>
    private void SettleInterest()
    {
        var (added, removed) = AddEntries(toldIn: 0);
        removed.AddRange(Upstream.Entries.Values.Where(entry => entry.WithdrawnIn is not null));
        if (added.Count == 0 && removed.Count == 0 && Upstream.IsInterestAnswered)
        {
            return;
        }

        removed.ForEach(entry => Upstream.Entries.Remove(entry.Number));

        foreach (var entry in Upstream.Entries.Values.Where(entry => entry.Selector.Kind == SelectorKind.Referred))
        {
            entry.Revision = 0;
        }

        var narrowed = removed.Select(entry => entry.Type).Distinct().ToArray();
        Upstream.ForgetInterestTold();
        foreach (var journal in (ReadOnlySpan<SpaceJournal>)[StoredJournal, DynamicJournal])
        {
            var isStored = journal == StoredJournal;
            journal.Begin(isStored ? journal.Head : journal.Head + 1);
            Counters.AddRemoved(narrowed
                .Where(type => Types.Find(type)!.IsDynamic != isStored)
                .Sum(type => Prune(type, isProof: static _ => false)));
            if (journal.HasChanges)
            {
                journal.End();
            }
            else
            {
                journal.Cancel();
            }
        }

        Publish();
    }
}
