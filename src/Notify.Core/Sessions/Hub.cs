using System.Collections.Immutable;
using System.Diagnostics;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Sync;
using Notify.Core.Transport;
using Notify.Core.Types;

namespace Notify.Core.Sessions;

/// <summary>
/// The nodes below this one: who is attached with which number, what their sessions carry, and when that is flushed. Thread safe: its state
/// is guarded by the mirror's lock, so attachments and objects never disagree.
/// </summary>
public sealed class Hub
{
    private readonly Mirror _mirror;
    private readonly Dictionary<string, NodeAttachment> _nodes = new(StringComparer.Ordinal);
    private readonly Queue<NodeAttachment> _absent = new();
    private readonly PriorityQueue<NodeAttachment, long> _vanished = new();
    private readonly long _settledAt;
    private ImmutableHashSet<ServerSession> _sessions = [];
    private long _lastNotifyId;
    private long _forgottenHighest;
    private bool _settled;

    /// <summary>Creates the hub of a node that starts now.</summary>
    public Hub(Mirror mirror, HubOptions options, long nowMs)
    {
        (_mirror, Options) = (mirror, options);
        _settledAt = nowMs + options.SettleMs;
    }

    /// <summary>How this hub treats the nodes below it.</summary>
    public HubOptions Options { get; }

    /// <summary>The number of sessions that are past the handshake.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>How many sessions were accepted since the start.</summary>
    public long SessionsAccepted => Volatile.Read(ref _lastNotifyId);

    /// <summary>The sessions that are past the handshake, for people, by their numbers. Each figure is of its own moment.</summary>
    public IReadOnlyList<SessionView> View()
    {
        lock (_mirror.Gate)
        {
            // A session is counted from its claim on, but is nobody to talk to before the handshake is done.
            return [.. _sessions.Where(session => session.IsOpen).OrderBy(session => session.NotifyId).Select(SessionView.Of)];
        }
    }

    /// <summary>When <see cref="Tick"/> is needed next.</summary>
    public long NextTickAt
    {
        get
        {
            lock (_mirror.Gate)
            {
                return Math.Min(
                    _settled ? long.MaxValue : _settledAt,
                    _vanished.TryPeek(out _, out var flushAt) ? flushAt : long.MaxValue);
            }
        }
    }

    /// <summary>Dynamic types can be called complete: whoever owned objects before this hub started had time to come back.</summary>
    internal bool IsSettled => Volatile.Read(ref _settled);

    internal IReadOnlyCollection<ServerSession> Sessions => _sessions;

    /// <summary>How many nodes are remembered, those without a session included.</summary>
    internal int NodeCount
    {
        get
        {
            lock (_mirror.Gate)
            {
                return _nodes.Count;
            }
        }
    }

    /// <summary>How many sessions, ended ones included, still carry something or may yet.</summary>
    internal int CarrierCount
    {
        get
        {
            lock (_mirror.Gate)
            {
                return _nodes.Values.Sum(node => node.Carriers.Count);
            }
        }
    }

    /// <summary>Lets time pass: vanished nodes are flushed when their grace is over, and dynamic types settle.</summary>
    public void Tick(long nowMs)
    {
        while (NextVanished(nowMs) is { } node)
        {
            Flush(node, nowMs);
        }

        if (!_settled && nowMs >= _settledAt)
        {
            Volatile.Write(ref _settled, true);
            _mirror.WakeAll();
        }
    }

    /// <summary>What can be said of an item that a node below asked for.</summary>
    internal Completeness CompletenessOf(SenderItem item)
    {
        if (item.Selector.Kind == SelectorKind.Named || _mirror.Types.Find(item.Type) is not { } type)
        {
            return Completeness.NotServed;
        }

        var isReady = type.IsDynamic ? IsSettled : _mirror.IsStoreLoaded;
        return isReady ? Completeness.Complete : Completeness.NotReady;
    }

    /// <summary>A session asks to speak for a node.</summary>
    internal AttachResult Attach(ServerSession session, string name, string process, long attachment)
    {
        lock (_mirror.Gate)
        {
            if (name == _mirror.Node)
            {
                return new AttachResult(AttachOutcome.NameTaken);
            }

            _nodes.TryGetValue(name, out var node);
            if (node?.Session is null && _sessions.Count >= Options.SessionsMax)
            {
                return new AttachResult(AttachOutcome.Full);
            }

            if (node is null)
            {
                // Who was forgotten had no higher number, so whoever it was goes on above it.
                _nodes.Add(name, node = new NodeAttachment(name) { Highest = _forgottenHighest });
            }

            if (node.Session is { } rival && rival.PeerProcess != process && !rival.IsGivenUp)
            {
                if (node.Challenger is { End: null } other && other != session)
                {
                    return new AttachResult(AttachOutcome.NameTaken);
                }

                node.Challenger = session;
                return new AttachResult(AttachOutcome.Probe, Rival: rival);
            }

            if (attachment <= node.Highest)
            {
                return new AttachResult(AttachOutcome.Fenced, node.Highest, node.Process);
            }

            return Accept(node, session, process, attachment);
        }
    }

    /// <summary>A challenger has its answer: the session it challenged lives, or did not answer.</summary>
    internal void EndChallenge(string name, ServerSession challenger)
    {
        lock (_mirror.Gate)
        {
            if (_nodes.TryGetValue(name, out var node) && node.Challenger == challenger)
            {
                node.Challenger = null;
            }
        }
    }

    /// <summary>Commits a bundle from a node below as one epoch of this hub. Returns the number of the view that has it.</summary>
    /// <exception cref="RefusedException">The session would carry too many objects.</exception>
    internal long Commit(ServerSession session, Carrier carrier, IncomingBundle bundle, Func<uint, string?> typeOfItem)
    {
        lock (_mirror.Gate)
        {
            // Before the epoch begins. Only this session makes its carrier grow, so what is seen here holds in the epoch, too.
            var added = bundle.Changes.Count(change => change.Envelope is not null && !carrier.Keys.Contains(change.Id));
            if (carrier.Keys.Count + added > Options.CarriedMax)
            {
                throw new RefusedException(
                    GrpcStatusCode.ResourceExhausted, $"{session.Peer} publishes more than {Options.CarriedMax} objects, the limit of this hub.");
            }
        }

        _mirror.ChangeDynamic(() =>
        {
            if (!_nodes.TryGetValue(session.Peer, out var node) || node.Session != session)
            {
                return false; // Fenced while the frame was on its way: a late frame changes nothing.
            }

            foreach (var change in bundle.Changes)
            {
                Apply(carrier, change);
                if (bundle.Whole.Length > 0 && change.Envelope is not null)
                {
                    bundle.Confirmed.Add(change.Id);
                }
            }

            bundle.Changes.Clear();
            bundle.Bytes = 0;
            if (bundle.IsComplete)
            {
                (carrier.SenderSpace, carrier.SenderRevision) = (bundle.Space, bundle.Revision);
                FinishSync(node, carrier, bundle, typeOfItem);
            }

            return true;
        });
        return _mirror.Snapshot().Number;
    }

    /// <summary>A session has ended: what it still carries is flushed, at once or after the grace period.</summary>
    internal void Ended(ServerSession session, bool saidGoodbye, long nowMs)
    {
        NodeAttachment? flushed = null;
        lock (_mirror.Gate)
        {
            _sessions = _sessions.Remove(session);
            if (!_nodes.TryGetValue(session.Peer, out var node))
            {
                return;
            }

            if (node.Challenger == session)
            {
                node.Challenger = null;
            }

            if (node.Session == session)
            {
                node.Session = null;
                node.FlushAt = saidGoodbye ? nowMs : nowMs + Options.GraceMs;
                flushed = node.FlushAt <= nowMs ? node : null;
                if (flushed is null)
                {
                    _vanished.Enqueue(node, node.FlushAt.Value);
                }

                ForgetAbsent(node);
            }
            else if (node.Session is null && node.Carriers.Count == 0)
            {
                ForgetAbsent(node); // It was fenced and did not come again.
            }
        }

        if (flushed is not null)
        {
            Flush(flushed, nowMs);
        }
    }

    /// <summary>The session that speaks for a node, or null.</summary>
    internal LinkSession? SessionOf(string name)
    {
        lock (_mirror.Gate)
        {
            return _nodes.GetValueOrDefault(name)?.Session;
        }
    }

    internal IEnumerable<LinkSession> SessionsInScope(Scope scope) => _sessions.Where(session => session.IsInterestedIn(scope));

    private AttachResult Accept(NodeAttachment node, ServerSession session, string process, long attachment)
    {
        if (node.Session is { } replaced)
        {
            replaced.Fence(attachment, process);
            _sessions = _sessions.Remove(replaced);
        }

        var previous = node.Process == process && node.Carriers.Count > 0 ? node.Carriers[^1] : null;
        var carrier = new Carrier(++_lastNotifyId, node.Origin);
        (node.Session, node.Challenger, node.Process, node.Highest) = (session, null, process, attachment);
        node.FlushAt = null;
        node.Carriers.RemoveAll(older => older.Keys.Count == 0);
        node.Carriers.Add(carrier);
        _sessions = _sessions.Add(session);
        return new AttachResult(
            AttachOutcome.Accepted, attachment, process, null, carrier, previous?.SenderSpace, previous?.SenderRevision ?? 0);
    }

    private void Apply(Carrier carrier, IncomingChange change)
    {
        if (change.Envelope is { Stamp: { } stamp } envelope)
        {
            if (_nodes.GetValueOrDefault(stamp.Node) is { } owner && stamp.Attachment < owner.Synced)
            {
                return; // A newer session of the owner has said everything it has.
            }

            _mirror.Counters.AddReceived(_mirror.Carried.Offer(carrier, envelope) ? 1 : 0);
        }
        else
        {
            var kind = change.IsDeletion ? LaneEntryKind.Deleted : LaneEntryKind.Left;
            _mirror.Counters.AddRemoved(_mirror.Carried.Withdraw(carrier, change.Id, kind, change.Stamp) ? 1 : 0);
        }
    }

    /// <summary>
    /// The newer session is complete: what older ones carried and it sent again is its own already; what it resumed becomes its own; the rest
    /// is gone. All in the epoch of the sync, so nothing flaps.
    /// </summary>
    private void FinishSync(NodeAttachment node, Carrier carrier, IncomingBundle bundle, Func<uint, string?> typeOfItem)
    {
        var complete = bundle.States
            .Where(state => state.Completeness == Completeness.Complete)
            .Select(state => typeOfItem(state.Number))
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        var whole = bundle.Whole.Select(typeOfItem).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var id in carrier.Keys.Where(id => complete.Contains(id.Type) && whole.Contains(id.Type) && !bundle.Confirmed.Contains(id)).ToArray())
        {
            // A session that could not go on from where it was says everything anew: what it does not say any more is gone.
            _mirror.Counters.AddRemoved(_mirror.Carried.Withdraw(carrier, id, LaneEntryKind.Deleted, stamp: null) ? 1 : 0);
        }

        foreach (var older in node.Carriers.Where(older => older != carrier))
        {
            foreach (var id in older.Keys.Where(id => complete.Contains(id.Type)).ToArray())
            {
                if (whole.Contains(id.Type))
                {
                    _mirror.Counters.AddRemoved(_mirror.Carried.Withdraw(older, id, LaneEntryKind.Deleted, stamp: null) ? 1 : 0);
                }
                else
                {
                    _mirror.Carried.Retag(older, carrier, id);
                }
            }
        }

        node.Carriers.RemoveAll(older => older != carrier && older.Keys.Count == 0);
        if (complete.Count > 0)
        {
            node.Synced = node.Highest;
        }
    }

    private NodeAttachment? NextVanished(long nowMs)
    {
        lock (_mirror.Gate)
        {
            return _vanished.TryPeek(out var node, out var flushAt) && flushAt <= nowMs ? _vanished.Dequeue() : null;
        }
    }

    private void Flush(NodeAttachment node, long nowMs) => _mirror.ChangeDynamic(() =>
    {
        if (node.Session is not null || node.FlushAt is not { } due || due > nowMs)
        {
            return false; // It came back in time.
        }

        node.FlushAt = null;
        foreach (var carrier in node.Carriers)
        {
            _mirror.Counters.AddFlushed(_mirror.Carried.Flush(carrier));
        }

        // Kept types stay with their carrier until the node comes back and says otherwise.
        node.Carriers.RemoveAll(carrier => carrier.Keys.Count == 0);
        return true;
    });

    /// <summary>Bounds what is remembered of nodes that are gone: only the number that their next session has to exceed.</summary>
    private void ForgetAbsent(NodeAttachment node)
    {
        Debug.Assert(_mirror.Gate.IsHeldByCurrentThread, "The hub's state is guarded by the mirror's lock.");
        _absent.Enqueue(node);
        while (_absent.Count > Options.AbsentNodesMax)
        {
            var oldest = _absent.Dequeue();
            // It may stand in the queue twice, and the node may have come back under a new record since.
            if (oldest is { Session: null, Challenger: null, FlushAt: null, Carriers.Count: 0 } && _nodes.GetValueOrDefault(oldest.Node) == oldest)
            {
                _nodes.Remove(oldest.Node);
                _forgottenHighest = Math.Max(_forgottenHighest, oldest.Highest);
            }
        }
    }
}
