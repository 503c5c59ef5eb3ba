using System.Diagnostics;
using Notify.Core.Journal;
using Notify.Core.Sessions;
using Notify.Core.Sync;

namespace Notify.Core.Caches;

/// <summary>What this node wants from above, and how far a session has told the upstream.</summary>
public sealed partial class Mirror
{
    private readonly Dictionary<(string Type, Selector Selector), int> _askedBelow = [];
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

    /// <summary>
    /// At a relay: a node below asks for other items than before, or more do. While any node does, so does this one. What differs is told inside the lock.
    /// </summary>
    internal void ChangeInterestBelow(Func<(HashSet<(string Type, Selector Selector)> Before, HashSet<(string Type, Selector Selector)> After)> change)
    {
        var isConnected = Change(() =>
        {
            var (before, after) = change();
            var isNews = false;
            foreach (var item in after.Where(item => !before.Contains(item)))
            {
                var count = _askedBelow.GetValueOrDefault(item);
                _askedBelow[item] = count + 1;
                isNews |= count == 0;
            }

            foreach (var item in before.Where(item => !after.Contains(item)))
            {
                isNews |= --_askedBelow[item] == 0;
                if (_askedBelow[item] == 0)
                {
                    _askedBelow.Remove(item);
                }
            }

            if (isNews && !Upstream.HasSession)
            {
                SettleInterest();
            }

            return isNews && Upstream.HasSession;
        });
        if (isConnected)
        {
            InterestChanged?.Invoke();
        }
    }

    /// <summary>
    /// A session begins: it says hello with the interest as it is now, and passes later changes on. Returns its number. One that takes over from another
    /// says what that one has told, which waits meanwhile and goes on if this one is not welcomed.
    /// </summary>
    internal long OpenUpstream(ClientSession session) => Change(() =>
    {
        Debug.Assert(Upstream.Opening is null && Upstream.Session is null or { IsPaused: true }, "One session at a time feeds a mirror.");
        if (Upstream.Session is null)
        {
            SettleInterest();
            Upstream.ForgetInterestTold();
        }

        Upstream.Opening = session;
        return ++Upstream.Attachment;
    });

    /// <summary>A session was welcomed: it feeds this mirror now, and counts its changes of interest from 1.</summary>
    internal void WelcomeUpstream(ClientSession session)
    {
        lock (_gate)
        {
            (Upstream.Session, Upstream.Opening) = (session, null);
            Upstream.ForgetInterestTold();
        }
    }

    /// <summary>A session has ended, which may have been one that another has taken over from: where none is left, what it did not get to tell of the interest is settled here.</summary>
    internal void CloseUpstream(ClientSession session) => Change(() =>
    {
        Upstream.Session = Upstream.Session == session ? null : Upstream.Session;
        Upstream.Opening = Upstream.Opening == session ? null : Upstream.Opening;
        if (!Upstream.HasSession)
        {
            LeaveDoubt();
            SettleInterest();
            WakeAll(_storedWakes);
        }

        return true;
    });

    /// <summary>The upstream has been told of all that this node wants, and has answered: a next session can say the same and go on from there.</summary>
    internal bool IsInterestSettled
    {
        get
        {
            lock (_gate)
            {
                return IsInterestAnswered && IsEverythingAsked && Upstream.SaidGone.Count == 0;
            }
        }
    }

    private bool IsEverythingAsked =>
        Upstream.Wanted.Count == AskedItems.Count(IsWanted) && AskedItems.Where(IsWanted).All(item => Upstream.Find(item) is not null);

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
                Upstream.Withdraw(entry, Upstream.InterestTold + 1);
            }

            if (added.Count > 0 || removed.Count > 0)
            {
                Upstream.InterestTold++;
            }

            return (Upstream.InterestTold, added, removed);
        }
    }

    /// <summary>What this node or any below it asks for. A type that nobody has declared yet is asked for once somebody has.</summary>
    private IEnumerable<(string Type, Selector Selector)> AskedItems => _askedBelow.Count == 0 ? _interest.Items : _interest.Items.Union(_askedBelow.Keys);

    private bool IsWanted((string Type, Selector Selector) item) =>
        _interest.Items.Contains(item) || (_askedBelow.ContainsKey(item) && Types.Find(item.Type) is not null);

    /// <summary>Adds entries for what is wanted and not asked for. Returns them, and those that are not wanted any more.</summary>
    private (List<InterestEntry> Added, List<InterestEntry> Removed) AddEntries(uint toldIn)
    {
        var removed = Upstream.Wanted.Where(entry => !IsWanted((entry.Type, entry.Selector))).ToList();
        var added = AskedItems
            .Where(item => Upstream.Find(item) is null && IsWanted(item))
            .OrderBy(item => item.Type, StringComparer.Ordinal)
            .ThenBy(item => item.Selector)
            .ToArray();
        return ([.. added.Select(item => Upstream.Add(item.Type, item.Selector, toldIn))], removed);
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

        removed.ForEach(Upstream.Remove);

        foreach (var entry in Upstream.Entries.Values.Where(entry => entry.Selector.Kind == SelectorKind.Referred))
        {
            (entry.Revision, entry.Completeness) = (0, Completeness.Unknown);
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
