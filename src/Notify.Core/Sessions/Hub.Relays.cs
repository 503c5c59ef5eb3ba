using Notify.Core.Protocol;
using Notify.Core.Transport;

namespace Notify.Core.Sessions;

/// <summary>Nodes behind relays: what relays below say of them.</summary>
public sealed partial class Hub
{
    /// <summary>A relay below says something of a node behind it.</summary>
    /// <exception cref="RefusedException">The tree has a circle, or too many nodes are behind one relay.</exception>
    internal void NoteAttached(ServerSession relay, Attached news)
    {
        if (news.Node.Length is 0 or > 256 || news.Process.Length is 0 or > 256 || news.Attachment < 1)
        {
            throw new FormatException("Attached needs a node name, a process and an attachment above 0.");
        }

        if (news.Node == _mirror.Node || news.Node == relay.Peer)
        {
            throw new RefusedException(GrpcStatusCode.FailedPrecondition, $"{relay.Peer} has {news.Node} below it, which is above it: the tree has a circle.");
        }

        List<NodeAttachment> known = [];
        NodeAttachment? isBack = null;
        lock (_mirror.Gate)
        {
            if (!_nodes.TryGetValue(relay.Peer, out var between) || between.Session != relay)
            {
                return; // Fenced while the frame was on its way.
            }

            var wasElsewhere = _nodes.GetValueOrDefault(news.Node) is { IsElsewhere: true };
            var node = news.State == AttachmentState.Gone ? TakeGone(between, relay, news) : Seat(between, relay, news);
            if (node is not null && news.State != AttachmentState.Open)
            {
                known = [node, .. LeaveUnseated(node)];
            }

            isBack = wasElsewhere ? node : null;
        }

        if (isBack is not null)
        {
            Retell(isBack);
        }

        DropOlder(known, keptToo: news.State == AttachmentState.Synced);
        FenceOlder(known);
    }

    /// <summary>A relay speaks for a node, if its number is not behind what is known of that. Otherwise the relay learns so.</summary>
    private NodeAttachment? Seat(NodeAttachment between, ServerSession relay, Attached news)
    {
        if (between.Behind.Count >= Options.SessionsMax)
        {
            throw new RefusedException(GrpcStatusCode.ResourceExhausted, $"More than {Options.SessionsMax} nodes are behind {relay.Peer}.");
        }

        var node = FindOrAdd(news.Node);
        if (node.Session is null && _mirror.AttachmentAbove(news.Node) is var above && above > news.Attachment)
        {
            node.Highest = Math.Max(node.Highest, above);
        }

        if ((node.Session != relay || node.IsElsewhere) && news.Attachment <= node.Highest)
        {
            if (news.Attachment < node.Highest || news.Process != node.Process)
            {
                node.Before.Add(between);
                relay.PassFenced(new Fenced { Node = node.Node, Highest = node.Highest, Process = node.Process });
                return null;
            }

            // The same session by another way: the one by which its hub is known now.
            if (node.Session is not null && _nodes.GetValueOrDefault(news.Hub)?.Session != relay)
            {
                node.Before.Add(between);
                return null;
            }
        }

        NoteHub(node, news.Hub, news.Attachment);
        var isNewHere = node.Session != relay || node.Attachment != news.Attachment;
        if (node.Session != relay)
        {
            Replace(node, news.Attachment, news.Process);
            NoteVia(node, relay.Peer);
        }

        (node.Session, node.Process, node.Attachment, node.Highest) = (relay, news.Process, news.Attachment, news.Attachment);
        (node.Role, node.FlushAt, node.IsElsewhere, node.IsKept) = (news.Role, null, false, false);
        between.Behind.Add(node);
        node.Before.Remove(between); // It may have been behind there with a number that was too low: what is carried from here on is its last word.
        (node.State, node.StateSince) = (news.State, _mirror.DynamicJournal.Sequence);
        if (news.State == AttachmentState.Synced)
        {
            node.NoteSaidAll(news.Attachment);
        }

        node.SeatedBy = relay.PeerProcess;
        NoteMissed(node, isMissed: false);
        if (isNewHere)
        {
            NoteSeated(relay, node);
        }

        Tell(node);
        return node;
    }

    private static void NoteHub(NodeAttachment node, string hub, long attachment)
    {
        if (node.Hub != hub && attachment > node.Highest)
        {
            node.ElsewhereUpTo = node.Highest;
        }

        node.Hub = hub;
    }

    /// <summary>A node is known by another way than before: what was carried that way is not its last word.</summary>
    private void NoteVia(NodeAttachment node, string via)
    {
        if (node.Via != via && _nodes.TryGetValue(node.Via, out var before))
        {
            node.Before.Add(before);
            before.Behind.Remove(node);
            if (node.IsKept && before != node && before.Session is { } relay)
            {
                // What is kept there goes, once it is known what the node has now.
                node.Unfenced.Add(relay);
            }
        }

        node.Before.RemoveWhere(neighbour => neighbour.Node == via);
        node.Via = via;
    }

    /// <summary>A relay's session is over. The nodes behind it may come back with its next one, until what it carried is flushed.</summary>
    private void Unseat(NodeAttachment relay, ServerSession session)
    {
        foreach (var node in relay.Behind.Where(node => node.Session == session))
        {
            node.Session = null;
            NoteMissed(node, !node.IsElsewhere);
        }
    }

    /// <summary>The nodes behind a relay that did not come back with it are gone.</summary>
    private NodeAttachment[] LeaveUnseated(NodeAttachment relay)
    {
        var left = relay.Behind.Where(node => node.Session is null).ToArray();
        Array.ForEach(left, Leave);
        return left;
    }

    /// <summary>A relay says that a node is gone. Of one that it has not spoken for it may still have what is kept.</summary>
    private NodeAttachment? TakeGone(NodeAttachment between, ServerSession relay, Attached news)
    {
        var node = FindOrAdd(news.Node);
        if (node.Session == relay && news.Attachment >= node.Attachment)
        {
            Leave(node);
            NoteMissed(node, news.Missed);
            return node;
        }

        if (news.Attachment < node.Highest)
        {
            // What it keeps of the node is not the last word.
            relay.PassFenced(new Fenced { Node = node.Node, Highest = node.Highest, Process = node.Process });
        }
        else if (node.Session is null && (node.Carriers.Count == 0 || news.Attachment > node.Highest))
        {
            NoteVia(node, relay.Peer);
            (node.Hub, node.Process, node.Attachment, node.Highest) = (news.Hub, news.Process, news.Attachment, news.Attachment);
            node.SeatedBy = "";
            NoteKept(node, between);
            NoteMissed(node, news.Missed && news.Attachment > node.ForgottenAt);
            NoteGone(node);
        }
        else if (node.Session is { } other && other != relay && (news.Attachment > node.Highest || news.Process != node.Process))
        {
            // The node's process has counted anew where nobody knew of the one before: with what that has left, its number would be the older one's.
            node.Highest = news.Attachment;
            node.Before.Add(between);
            other.PassFenced(new Fenced { Node = node.Node, Highest = news.Attachment, Process = news.Process });
        }

        return null;
    }

    private void Leave(NodeAttachment node)
    {
        (node.Session, node.IsKept) = (null, false);
        if (_nodes.GetValueOrDefault(node.Via) is { } via)
        {
            via.Behind.Remove(node);
            NoteKept(node, via);
        }

        NoteGone(node);
    }

    /// <summary>What its neighbour keeps of a node that is gone: it is remembered for as long, and when the node comes by another way, that goes.</summary>
    private static void NoteKept(NodeAttachment node, NodeAttachment via)
    {
        if (via.Carriers.Exists(carrier => carrier.KeptOf.ContainsKey(node.Node)))
        {
            node.IsKept = true;
            node.Before.Add(via);
        }
    }

    private void NoteGone(NodeAttachment node)
    {
        (node.State, node.StateSince) = (AttachmentState.Gone, _mirror.DynamicJournal.Sequence);
        node.NoteUnknown();
        Tell(node);
        ForgetAbsent(node);
    }

    private void NoteSynced(NodeAttachment? node, ServerSession session)
    {
        if (node is null)
        {
            return;
        }

        NodeAttachment[] left;
        lock (_mirror.Gate)
        {
            if (node.Session != session)
            {
                return;
            }

            left = LeaveUnseated(node);

            // The relay has run on, and says of those that it misses.
            foreach (var gone in _missed.Where(gone => gone.Via == node.Node && gone.SeatedBy == session.PeerProcess).ToArray())
            {
                NoteMissed(gone, isMissed: false);
                Tell(gone);
            }

            (node.State, node.StateSince) = (AttachmentState.Synced, _mirror.DynamicJournal.Sequence);
            node.NoteSaidAll(node.Attachment);
            Tell(node);
        }

        DropOlder(left, keptToo: false);
        FenceOlder([node, .. left]);
    }

    private void NoteFlushed(NodeAttachment node)
    {
        NodeAttachment[] left = [];
        lock (_mirror.Gate)
        {
            if (node.Session is null)
            {
                left = [node, .. LeaveUnseated(node)];
                node.IsKept = node.Carriers.Count > 0;
                NoteGone(node);
            }
        }

        DropOlder(left, keptToo: false);
        FenceOlder(left);
    }
}
