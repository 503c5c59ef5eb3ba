using System.Diagnostics;
using Notify.Core.Journal;
using Notify.Core.Protocol;

namespace Notify.Core.Sessions;

/// <summary>Who is next to this hub, with which number, and when that ends.</summary>
public sealed partial class Hub
{
    /// <summary>A session asks to speak for a node.</summary>
    internal AttachResult Attach(ServerSession session, string name, string process, long attachment)
    {
        lock (_mirror.Gate)
        {
            if (name == _mirror.Node)
            {
                return new AttachResult(AttachOutcome.NameTaken);
            }

            if (_drainEndsAt is not null)
            {
                return new AttachResult(AttachOutcome.Draining);
            }

            if (_nodes.GetValueOrDefault(name)?.Session?.Peer != name && _sessions.Count >= Options.SessionsMax)
            {
                return new AttachResult(AttachOutcome.Full);
            }

            var node = FindOrAdd(name);
            if (node.Session is null)
            {
                // What the upstream has of the node is of an earlier session, wherever that was.
                node.Highest = Math.Max(node.Highest, _mirror.AttachmentAbove(name));
            }

            // A rival behind a relay cannot be asked in time: the higher number takes over, as anywhere else in the tree.
            if (node.Session is { } rival && rival.Peer == name && rival.PeerProcess != process && !rival.IsGivenUp)
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

    /// <summary>A session has ended: what it still carries is flushed, at once or after the grace period.</summary>
    internal void Ended(ServerSession session, bool saidGoodbye, long nowMs)
    {
        NodeAttachment? flushed = null;
        NodeAttachment? narrowed = null;
        lock (_mirror.Gate)
        {
            _sessions = _sessions.Remove(session);
            RemoveFromWaits(session);
            NoteProgress(session);
            if (!_nodes.TryGetValue(session.Peer, out var node))
            {
                return;
            }

            if (node.Challenger == session)
            {
                node.Challenger = null;
            }

            if (node.AskedBy == session)
            {
                NarrowLater(node, saidGoodbye ? nowMs : nowMs + Options.InterestLingerMs);
                narrowed = node.NarrowAt <= nowMs ? node : null;
            }

            Unseat(node, session);
            if (node.Session == session)
            {
                node.Session = null;
                node.FlushAt = saidGoodbye || node.IsElsewhere ? nowMs : nowMs + Options.GraceMs; // From elsewhere it does not come back to what is here.
                flushed = node.FlushAt <= nowMs ? node : null;
                if (flushed is null)
                {
                    _vanished.Enqueue(node, node.FlushAt.Value);
                }

                NoteMissed(node, !saidGoodbye && !node.IsElsewhere);
            }

            if (node.Session is null)
            {
                ForgetAbsent(node);
            }
        }

        if (flushed is not null)
        {
            Flush(flushed, nowMs);
        }

        if (narrowed is not null)
        {
            Narrow(narrowed, nowMs);
        }
    }

    private AttachResult Accept(NodeAttachment node, ServerSession session, string process, long attachment)
    {
        Replace(node, attachment, process);
        var previous = node.Process == process && node.Carriers.Count > 0 && node.Carriers[^1].Unready.Count == 0 ? node.Carriers[^1] : null;
        var carrier = new Carrier(++_lastNotifyId, node.Origin);
        NoteHub(node, _mirror.Node, attachment);
        (node.Session, node.Challenger, node.Process, node.Attachment, node.Highest) = (session, null, process, attachment, attachment);
        NoteVia(node, node.Node);
        node.Role = session.PeerRole;
        (node.FlushAt, node.IsElsewhere, node.IsKept) = (null, false, false);
        NoteMissed(node, isMissed: false);
        node.Carriers.RemoveAll(older => older.Keys.Count == 0);
        node.Carriers.Add(carrier);
        _sessions = _sessions.Add(session);
        AddToWaits(session);
        node.State = AttachmentState.Open;
        Tell(node);
        return new AttachResult(
            AttachOutcome.Accepted, attachment, process, null, carrier, previous?.SenderSpace, previous?.SenderRevision ?? 0);
    }

    /// <summary>Another session takes over from the one that spoke for the node.</summary>
    private void Replace(NodeAttachment node, long attachment, string process)
    {
        if (node.Session is not { } replaced)
        {
            return;
        }

        node.Session = null;
        if (replaced.Peer == node.Node)
        {
            replaced.Fence(attachment, process);
            _sessions = _sessions.Remove(replaced);
            RemoveFromWaits(replaced);
            Unseat(node, replaced);
            return;
        }

        if (attachment > node.Highest && process == node.Process)
        {
            // It has moved, and may yet stand there so that nothing of it is missing meanwhile.
            node.Unfenced.Add(replaced);
        }
        else if (attachment > node.Highest)
        {
            replaced.PassFenced(new Fenced { Node = node.Node, Highest = attachment, Process = process });
        }
    }

    /// <summary>The newer sessions of nodes have said everything, or are gone: where older ones are, they end.</summary>
    private void FenceOlder(IReadOnlyCollection<NodeAttachment> nodes)
    {
        if (nodes.Count == 0)
        {
            return;
        }

        lock (_mirror.Gate)
        {
            foreach (var node in nodes)
            {
                var fenced = new Fenced { Node = node.Node, Highest = node.Highest, Process = node.Process };
                foreach (var relay in node.Unfenced.Where(relay => relay != node.Session))
                {
                    relay.PassFenced(fenced, _mirror.DynamicJournal.Sequence);
                }

                node.Unfenced.Clear();
            }
        }
    }

    private NodeAttachment FindOrAdd(string name)
    {
        if (!_nodes.TryGetValue(name, out var node))
        {
            // Who was forgotten had no higher number, so whoever it was goes on above it.
            _nodes.Add(name, node = new NodeAttachment(name) { Highest = _forgottenHighest });
        }

        // Another controller over the same store may know a newer session.
        if (_mirror.Shared.Highest(name) is (var highest, var process) && highest > node.Highest)
        {
            (node.Highest, node.Process) = (highest, node.Session is null ? process : node.Process);
        }

        return node;
    }

    /// <summary>Bounds what is remembered of nodes that are gone: only the number that their next session has to exceed.</summary>
    private void ForgetAbsent(NodeAttachment node)
    {
        Debug.Assert(_mirror.Gate.IsHeldByCurrentThread, "The hub's state is guarded by the mirror's lock.");
        _absent.Enqueue(node);
        while (_absent.Count > Options.AbsentNodesMax)
        {
            var oldest = _absent.Dequeue();
            // It may stand in the queue twice, and the node may have come back under a new record since.
            if (oldest.IsAbsent && _nodes.GetValueOrDefault(oldest.Node) == oldest)
            {
                _nodes.Remove(oldest.Node);
                _untold.Remove(oldest);
                NoteMissed(oldest, isMissed: false);
                _forgottenHighest = Math.Max(_forgottenHighest, oldest.Highest);
            }
        }
    }
}
