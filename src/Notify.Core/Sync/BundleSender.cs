using System.Diagnostics;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Space = Notify.Core.Journal.Space;

namespace Notify.Core.Sync;

/// <summary>
/// Sends one space over one session: holds a cursor and at most one open bundle, no queue of changes. Belongs to the session and is as
/// little thread safe as it; only cuts touch the mirror, inside its lock.
/// </summary>
internal sealed partial class BundleSender
{
    private readonly Mirror _mirror;
    private readonly SpaceJournal _journal;
    private readonly SpaceKind _kind;
    private readonly Origin _peer;
    private readonly Func<SenderItem, SenderInterest, Completeness> _completeness;
    private readonly Action _wake;
    private readonly List<SenderInterestChange> _changes = [];
    private SenderInterest _interest;
    private uint _interestNumber;
    private Space? _space;
    private Space? _toldSpace;
    private long _cursorRevision;

    // Known once this session has sent something; until then the peer's word for the revision it has is all there is.
    private long? _cursorSequence;
    private SenderCut? _open;
    private BundlePlan? _plan;
    private IEnumerator<OutgoingChange>? _rest;
    private bool _begun;
    private bool _abortDue;
    private bool _peeked;
    private bool _hasTurn;

    // Null: the bundle was opened, and no time has been told since.
    private long? _lastFrameAt;

    /// <summary>Creates a sender that starts from nothing, or from a resume point.</summary>
    /// <param name="mirror">Whose objects to send.</param>
    /// <param name="kind">Which space.</param>
    /// <param name="peer">Where nothing that came from there returns.</param>
    /// <param name="interest">What the peer asked for; items that resume have <see cref="SenderItem.NeedsWhole"/> false.</param>
    /// <param name="space">The space that the resume revision is of, or null.</param>
    /// <param name="revision">Where the peer resumes.</param>
    /// <param name="completeness">What can be said of an item of an interest now. Called inside the mirror's lock.</param>
    /// <param name="wake">Called, inside the mirror's lock or not, when there may be something to send.</param>
    public BundleSender(
        Mirror mirror, SpaceKind kind, Origin peer, SenderInterest interest, Space? space, long revision,
        Func<SenderItem, SenderInterest, Completeness> completeness, Action wake)
    {
        (_mirror, _kind, _peer, _interest) = (mirror, kind, peer, interest);
        (_space, _cursorRevision, _completeness, _wake) = (space, revision, completeness, wake);
        _journal = kind == SpaceKind.Stored ? mirror.StoredJournal : mirror.DynamicJournal;
        Bundled = interest.Items.Values.Any(item => !item.NeedsWhole) ? revision : 0;
    }

    /// <summary>The space that <see cref="Sent"/> is of, or null before the first.</summary>
    public Space? Space => _space;

    /// <summary>The peer has everything of its interest up to here.</summary>
    public long Sent => _cursorRevision;

    /// <summary>
    /// Revision of the last bundle that was sent, or at first where the peer resumes, as it may have yet to handle that: it acknowledges bundles, not what
    /// there was nothing to send for.
    /// </summary>
    public long Bundled { get; private set; }

    /// <summary>The space that the peer was in when the session began, or null.</summary>
    public Space? PeerSpace { get; init; }

    /// <summary>The peer is a relay that knows no space of the store yet: it is told of one also where it asks for nothing, as nodes below wait for it.</summary>
    public bool PeerAwaitsSpace { get; init; }

    /// <summary>The peer has been this far in <see cref="PeerSpace"/>: nothing of that is sent before this node is, too.</summary>
    public long NotBefore { get; init; }

    /// <summary>
    /// At a relay, called inside the mirror's lock: whether all that went since a revision is known of what an item of an interest needs. Null: it
    /// always is, as far as the lanes reach.
    /// </summary>
    public Func<SenderItem, SenderInterest, long, bool>? KnowsSince { get; init; }

    /// <summary>
    /// At a relay, called inside the mirror's lock: whether to wait with the first bundle for the upstream's answer, so that a peer that could go
    /// on is not sent everything.
    /// </summary>
    public Func<bool>? MayWait { get; init; }

    /// <summary>
    /// Called inside the mirror's lock before items that were asked for before are sent whole: whether it is this peer's turn. Its wake comes when it is.
    /// </summary>
    public Func<bool>? MayBeginWhole { get; init; }

    /// <summary>What <see cref="MayBeginWhole"/> has let through is sent, or was given up.</summary>
    public Action? WholeEnded { get; init; }

    /// <summary>How far the peer is from its turn, at most; 0: it does not wait for one. Called inside the mirror's lock or not.</summary>
    public Func<int>? Distance { get; init; }

    /// <summary>It is the peer's turn, and what it is for is being sent.</summary>
    public bool HasTurn => _hasTurn;

    /// <summary>Everything up to this commit of the journal was sent; -1 while nobody can tell.</summary>
    public long SentSequence => _cursorSequence ?? -1;

    /// <summary>The newest revision of the space at this node.</summary>
    public long Head => _journal.Head;

    /// <summary>The peer resumed from a revision that this node has yet to reach.</summary>
    public bool IsBehind { get; private set; }

    public SpaceKind Kind => _kind;

    /// <summary>What the last bundle reflects of the peer's interest.</summary>
    public SenderInterest Interest => _interest;

    /// <summary>How many <see cref="Items"/> there are.</summary>
    public int ItemCount => _interest.Items.Count + _changes.Sum(change => change.Add.Count);

    /// <summary>Called with each change as it is written, where a type logs its traffic.</summary>
    public Action<OutgoingChange>? Sending { get; set; }

    /// <summary>Items asked for, those that no bundle reflects yet included.</summary>
    public IEnumerable<SenderItem> Items => _interest.Items.Values.Concat(_changes.SelectMany(change => change.Add));

    /// <summary>True when the number was given to an item, also to one that no bundle reflects yet.</summary>
    public bool HasItem(uint number) =>
        _interest.Items.ContainsKey(number) || _changes.Exists(change => change.Add.Exists(item => item.Number == number));

    /// <summary>Changes of interest that no bundle reflects yet.</summary>
    public int PendingChanges => _changes.Count;

    /// <summary>Changes the interest at the next cut.</summary>
    public void ChangeInterest(SenderInterestChange change) => _changes.Add(change);

    /// <summary>
    /// Takes the next cut where no bundle is open. False when there is nothing to send; after true, the types of all objects to send are
    /// known, so they can be declared before <see cref="Write"/>.
    /// </summary>
    public bool Prepare() => _abortDue || _open is not null || TryOpen();

    /// <summary>Writes the next frame of this space; <see cref="Prepare"/> has said that there is one.</summary>
    public void Write(FrameBuffer output, long nowMs)
    {
        _lastFrameAt = nowMs;
        if (_abortDue)
        {
            _abortDue = false;
            output.Write(new Frame { BundleAbort = new BundleAbort { Space = _kind, Reason = "not read for too long" } });
        }
        else if (!_begun)
        {
            _begun = true;
            output.Write(new Frame { BundleBegin = Begin(_open!) });
        }
        else if (_peeked)
        {
            var before = output.Changes;
            _peeked = output.WriteChanges(_kind, _rest!, _mirror.Types);
            _mirror.Counters.AddSent(output.Changes - before);
        }
        else
        {
            output.Write(new Frame { BundleEnd = End(_open!) });
            (Bundled, _toldSpace) = (_open!.Snapshot.Revision, _open.Snapshot.Space);
            Close();
        }
    }

    /// <summary>
    /// Gives up a bundle that the peer has not taken a frame of for too long: versions that the cut keeps alive are let go, and the next cut
    /// has only the latest of each key.
    /// </summary>
    public void AbortIfStalled(long nowMs, long stallMs)
    {
        _lastFrameAt ??= nowMs;
        if (_open is not null && nowMs - _lastFrameAt > stallMs)
        {
            _abortDue = _begun;
            Forget();
        }
    }

    /// <summary>Ends the sender: nothing wakes it any more.</summary>
    public void Stop()
    {
        Forget();
        lock (_mirror.Gate)
        {
            _mirror.ForgetWakes(_journal, _interest.Scopes, _wake);
        }
    }

    /// <summary>Opens a bundle for the next cut that has something to send; cuts without move the cursor only.</summary>
    private bool TryOpen()
    {
        while (TryCut() is { } cut)
        {
            (_open, _plan) = (cut, new BundlePlan(cut, _mirror.Types, _peer, _kind == SpaceKind.Stored));
            if (_plan.Count > 0 || cut.InterestChanged || cut.Whole.Count > 0 || cut.States.Count > 0 || IsOtherStore(cut))
            {
                var changes = _plan.Changes();
                _rest = (Sending is { } note && _mirror.Types.LogsTraffic ? Noted(changes, note) : changes).GetEnumerator();
                _peeked = _rest.MoveNext();
                (_begun, _lastFrameAt) = (false, null);
                return true;
            }

            Close();
        }

        return false;
    }

    /// <summary>The peer has yet to be told that its revision is of another incarnation, also where it asks for nothing.</summary>
    private bool IsOtherStore(SenderCut cut) =>
        _kind == SpaceKind.Stored && ((_toldSpace ?? PeerSpace) is { } space ? cut.Snapshot.Space != space : PeerAwaitsSpace);

    private static IEnumerable<OutgoingChange> Noted(IEnumerable<OutgoingChange> changes, Action<OutgoingChange> note)
    {
        foreach (var change in changes)
        {
            note(change);
            yield return change;
        }
    }

    private BundleBegin Begin(SenderCut cut)
    {
        var begin = new BundleBegin
        {
            Space = WireTypes.ToWire(_kind, cut.Snapshot.Space!),
            Revision = cut.Snapshot.Revision,
            Changes = _plan!.Count,
            Bytes = _plan.Bytes,
            Interest = cut.InterestNumber,
        };
        begin.Whole.Add(cut.Whole.Select(item => item.Number));
        return begin;
    }

    private BundleEnd End(SenderCut cut)
    {
        var end = new BundleEnd { Space = _kind, Revision = cut.Snapshot.Revision };
        end.Items.Add(cut.States.Select(state => new ItemState
        {
            Number = state.Item.Number,
            Completeness = (Protocol.Completeness)state.Completeness,
        }));
        return end;
    }

    /// <summary>The bundle is out: only now the cursor moves and items count as sent, so an aborted bundle is sent again in full.</summary>
    private void Close()
    {
        var cut = _open!;
        Debug.Assert(cut.Snapshot.Revision >= _cursorRevision, "A cursor does not go back within a space.");
        (_cursorRevision, _cursorSequence) = (cut.Snapshot.Revision, cut.Snapshot.Sequence);
        foreach (var item in cut.Whole)
        {
            item.NeedsWhole = false;
        }

        foreach (var (item, completeness) in cut.States)
        {
            item.Told = completeness;
            item.HasGaps &= completeness != Completeness.Complete;
        }

        if (cut.InterestChanged)
        {
            (_interest, _interestNumber) = (cut.Interest, cut.InterestNumber);
            _changes.RemoveRange(0, cut.ChangeCount);
        }

        Forget();
    }

    private void Forget()
    {
        _rest?.Dispose();
        (_open, _plan, _rest, _begun, _peeked) = (null, null, null, false, false);
        if (_hasTurn)
        {
            _hasTurn = false;
            WholeEnded?.Invoke();
        }
    }
}
