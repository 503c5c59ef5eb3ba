using Notify.Core.Protocol;
using Barrier = Notify.Core.Protocol.Barrier;
using Space = Notify.Core.Journal.Space;

namespace Notify.Core.Sessions;

/// <summary>What waits ask of each session, and what is answered.</summary>
public sealed partial class Hub
{
    private long _lastPart;

    /// <summary>A peer has answered a barrier. False when it was not asked, or not any more.</summary>
    internal bool NoteBarrierReply(ServerSession session, BarrierReply reply)
    {
        lock (_mirror.Gate)
        {
            if (session.Barriers.Find(part => part.Id == reply.Id && part.Id != 0) is not { Wait.IsOver: false } part)
            {
                return false;
            }

            (part.IsAnswered, part.Pending) = (true, session.IsRelay ? reply.Pending : Math.Min(reply.Pending, 1));
            part.Names = [.. reply.PendingNodes.Where(static name => name.Length is > 0 and <= 256).Take(AppliedProgress.NamesMax)];
            part.Since.Clear();
            NoteFinished(part);
            return true;
        }
    }

    /// <summary>The next that a session has to be asked or told, or null.</summary>
    /// <param name="session">The session.</param>
    /// <param name="space">The space that its peer is in.</param>
    /// <param name="sent">Its peer has been sent everything up to here.</param>
    /// <param name="nextId">Gives a barrier its id.</param>
    internal Barrier? TakeBarrier(ServerSession session, Space? space, long sent, Func<ulong> nextId)
    {
        lock (_mirror.Gate)
        {
            foreach (var part in session.Barriers.ToArray())
            {
                if (part.Wait.IsOver)
                {
                    session.Barriers.Remove(part);
                    if (part.Id != 0 && (session.IsRelay || !part.IsFinished))
                    {
                        return new Barrier { Id = part.Id, Space = SpaceKind.Stored, Withdrawn = true };
                    }
                }
                else if (part.IsDue && part.Wait.Space == space && part.Wait.Revision <= sent)
                {
                    part.IsDue = false;
                    part.Id = part.Id == 0 ? nextId() : part.Id;
                    return new Barrier
                    {
                        Id = part.Id,
                        Space = SpaceKind.Stored,
                        Revision = part.Wait.Revision,
                        NodeSelector = session.IsRelay ? part.Wait.Nodes.ToString() : "",
                    };
                }
            }

            session.NoteBarriers(wake: false);
            return null;
        }
    }

    /// <summary>Sessions that the revision does not concern are not woken by it.</summary>
    private static void WakeUnasked(AppliedWait wait)
    {
        foreach (var part in wait.Parts.Values.Where(part => part.IsDue).OrderBy(part => part.Number))
        {
            part.Session.NoteBarriers();
        }
    }

    private NodeAttachment[] Behind(ServerSession relay) =>
        _nodes.GetValueOrDefault(relay.Peer)?.Behind.Where(node => node.Session == relay && !node.IsElsewhere).OrderBy(node => node.Node, StringComparer.Ordinal).ToArray() ?? [];

    private void AddToWaits(ServerSession session) => _waits.ForEach(wait => AddPart(wait, session));

    private void AddPart(AppliedWait wait, ServerSession session)
    {
        if (session.IsRelay || wait.Nodes.Includes(session.Peer, session.PeerRole))
        {
            var part = new BarrierPart(wait, session, ++_lastPart);
            wait.Parts.Add(session, part);
            wait.Unfinished.Add(part);
            session.Barriers.Add(part);
            session.NoteBarriers();
            wait.NoteChanged();
        }
    }

    private void RemoveFromWaits(ServerSession session)
    {
        foreach (var wait in _waits)
        {
            if (wait.Parts.Remove(session, out var part))
            {
                wait.Unfinished.Remove(part);
                wait.NoteChanged();
            }
        }

        session.Barriers.Clear();
    }

    private static void NoteFinished(BarrierPart part)
    {
        if (part.IsFinished)
        {
            part.Wait.Unfinished.Remove(part);
        }
        else
        {
            part.Wait.Unfinished.Add(part);
        }

        part.Wait.NoteChanged();
    }

    /// <summary>
    /// A node is behind a relay that may have answered without it: the relay is asked again, so that a node that moves is never counted by neither.
    /// </summary>
    private void NoteSeated(ServerSession relay, NodeAttachment node)
    {
        foreach (var wait in _waits)
        {
            if (wait.Parts.TryGetValue(relay, out var part) && wait.Nodes.Includes(node.Node, node.Role))
            {
                if (part.IsAnswered)
                {
                    part.Since.Add(node);
                    part.IsDue = true;
                    relay.NoteBarriers();
                }

                NoteFinished(part);
            }
        }
    }
}
