using Notify.Core.Protocol;
using Notify.Core.Transport;

namespace Notify.Core.Sessions;

/// <summary>Nodes behind relays: what relays below say of them, and what this node's own upstream is told, if it is a relay itself.</summary>
public sealed partial class Hub
{
    /// <summary>Nodes of which the upstream has yet to hear.</summary>
    private readonly HashSet<NodeAttachment> _untold = [];

    private Action? _wakeUpstream;
    private ServerSession? _lastStored;
    private ServerSession? _lastDynamic;

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

    /// <summary>The upstream knows a newer session of a node below: the one here ends, and is passed on to where it is.</summary>
    internal void NoteFenced(Fenced fenced)
    {
        NodeAttachment? isBack;
        lock (_mirror.Gate)
        {
            if (!_nodes.TryGetValue(fenced.Node, out var node))
            {
                return;
            }

            var isThisOne = node.Session is not null && node.Attachment == fenced.Highest && node.Process == fenced.Process;
            if (node.Attachment > fenced.Highest || isThisOne)
            {
                // Said before it heard of the one here, or it would not say so.
                Tell(node);
                isBack = node;
            }
            else
            {
                NoteElsewhere(node, fenced);
                isBack = null;
            }
        }

        if (isBack is not null)
        {
            Retell(isBack);
        }
    }

    private void NoteElsewhere(NodeAttachment node, Fenced fenced)
    {
        // Where it has moved, who is below has what it says elsewhere before what it said here goes.
        var after = fenced.Process == node.Process ? _mirror.DynamicJournal.Sequence : -1;
        (node.Highest, node.IsElsewhere) = (Math.Max(node.Highest, fenced.Highest), true);
        NoteMissed(node, isMissed: false);
        node.IsMissedAbove = false;
        node.Carriers.ForEach(carrier => carrier.IsPast = true);
        // Also where it is gone: what is kept of it may be there.
        (node.Session ?? _nodes.GetValueOrDefault(node.Via)?.Session)?.PassFenced(fenced, after);
        if (node.Session is null && node.Carriers.Count > 0)
        {
            // It vanished from here, and is somewhere else now: nothing is left to wait for.
            node.FlushAt ??= 0;
            _vanished.Enqueue(node, node.FlushAt.Value);
        }
    }

    /// <summary>
    /// The upstream has seen a node elsewhere while it was away from here, and dropped what this hub had said of it and of all behind it: it is
    /// told again. Rare: somebody between was frozen.
    /// </summary>
    private void Retell(NodeAttachment node) => _mirror.ChangeDynamic(() =>
    {
        foreach (var carrier in _nodes.GetValueOrDefault(node.Via)?.Carriers ?? [])
        {
            foreach (var id in carrier.Keys.Where(id => IsAtOrBehind(_mirror.Carried.Held(carrier, id)!.Stamp!.Value.Node, node)).ToArray())
            {
                _mirror.Carried.Retell(carrier, id);
            }
        }

        return true;
    });

    private bool IsAtOrBehind(string owner, NodeAttachment node)
    {
        // What nodes say of where they are may go round in a circle for a moment.
        var (name, steps) = (owner, 0);
        while (name != node.Node && steps++ < _nodes.Count && _nodes.TryGetValue(name, out var one))
        {
            name = one.Hub;
        }

        return name == node.Node;
    }

    /// <summary>A session with this hub's own upstream begins: it is told of every node anew, and woken when there is more to tell.</summary>
    internal void OpenUpstream(Action wake)
    {
        lock (_mirror.Gate)
        {
            _wakeUpstream = wake;
            _untold.Clear();
            foreach (var node in _nodes.Values)
            {
                (node.ToldAttachment, node.IsMissedAbove) = (0, false);
                Tell(node);
            }
        }
    }

    /// <summary>The least that any session has applied of a space, with all nodes behind it. Who is the last is noted: only its progress matters.</summary>
    internal long AppliedBelow(SpaceKind space)
    {
        ref var last = ref space == SpaceKind.Stored ? ref _lastStored : ref _lastDynamic;
        while (true)
        {
            var (least, session) = (long.MaxValue, (ServerSession?)null);
            foreach (var candidate in _sessions)
            {
                // Of equals the oldest: what is woken must not depend on how sessions hash.
                if (candidate.AppliedThere(space) is var applied && (applied < least || (applied == least && candidate.NotifyId < session?.NotifyId)))
                {
                    (least, session) = (applied, candidate);
                }
            }

            // Noted, then looked at again: what it applies from here on wakes.
            Volatile.Write(ref last, session);
            if (session is null || session.AppliedThere(space) == least)
            {
                return least;
            }
        }
    }

    /// <summary>A session has applied more than before, or has ended.</summary>
    internal void NoteProgress(ServerSession session)
    {
        if (session == Volatile.Read(ref _lastStored) || session == Volatile.Read(ref _lastDynamic))
        {
            _wakeUpstream?.Invoke();
        }
    }

    /// <summary>The next that the upstream has to be told, or null.</summary>
    /// <param name="session">The session that asks; one that another has taken over from gets nothing.</param>
    /// <param name="sentSequence">It was sent everything up to this commit of the dynamic journal.</param>
    internal Attached? TakeUntold(ClientSession session, long sentSequence)
    {
        if (!_mirror.IsRelay)
        {
            return null;
        }

        lock (_mirror.Gate)
        {
            if (_mirror.Upstream.Session != session)
            {
                return null;
            }

            foreach (var node in _untold)
            {
                var state = node.State;
                if (state == AttachmentState.Gone ? node.ToldAttachment == 0 && !node.IsKept && node.IsMissed == node.IsMissedAbove : node.IsElsewhere)
                {
                    _untold.Remove(node); // Never told of, so there is nothing to take back; or known better above than here.
                    continue;
                }

                if (_nodes.GetValueOrDefault(node.Hub) is { } hub && _untold.Contains(hub) && hub.State != AttachmentState.Gone && hub.ToldAttachment != hub.Attachment)
                {
                    continue; // By which way a node is known is told before what is behind it.
                }

                if (state == AttachmentState.Open || node.StateSince <= sentSequence)
                {
                    _untold.Remove(node);
                }
                else if (state == AttachmentState.Synced && node.ToldAttachment != node.Attachment)
                {
                    state = AttachmentState.Open; // What it has is still on its way.
                }
                else
                {
                    continue;
                }

                node.ToldAttachment = state == AttachmentState.Gone ? 0 : node.Attachment;
                node.IsMissedAbove = state == AttachmentState.Gone && node.IsMissed;
                NoteAllChanged();
                return new Attached
                {
                    Node = node.Node,
                    Process = node.Process,
                    Attachment = node.Attachment,
                    State = state,
                    Role = node.Role,
                    Hub = node.Hub,
                    Missed = node.IsMissedAbove,
                };
            }

            return null;
        }
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

        var isNewHere = node.Session != relay || node.Attachment != news.Attachment;
        if (node.Session != relay)
        {
            Replace(node, news.Attachment, news.Process);
            NoteVia(node, relay.Peer);
        }

        (node.Session, node.Process, node.Attachment, node.Highest) = (relay, news.Process, news.Attachment, news.Attachment);
        (node.Role, node.Hub, node.FlushAt, node.IsElsewhere) = (news.Role, news.Hub, null, false);
        between.Behind.Add(node);
        node.Before.Remove(between); // It may have been behind there with a number that was too low: what is carried from here on is its last word.
        (node.State, node.StateSince) = (news.State, _mirror.DynamicJournal.Sequence);
        node.SeatedBy = relay.PeerProcess;
        NoteMissed(node, isMissed: false);
        if (isNewHere)
        {
            NoteSeated(relay, node);
        }

        Tell(node);
        return node;
    }

    /// <summary>A node is known by another way than before: what was carried that way is not its last word.</summary>
    private void NoteVia(NodeAttachment node, string via)
    {
        if (node.Via != via && _nodes.TryGetValue(node.Via, out var before))
        {
            node.Before.Add(before);
            before.Behind.Remove(node);
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
        else if (node.Session is null && node.Carriers.Count == 0)
        {
            NoteVia(node, relay.Peer);
            (node.Hub, node.Process, node.Attachment, node.Highest) = (news.Hub, news.Process, news.Attachment, news.Attachment);
            node.IsKept = true;
            node.SeatedBy = "";
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
        node.Session = null;
        if (_nodes.GetValueOrDefault(node.Via) is { } via)
        {
            via.Behind.Remove(node);
            if (via.Carriers.Exists(carrier => carrier.KeptOf.ContainsKey(node.Node)))
            {
                // It is remembered for as long: when the node comes by another way, that goes.
                node.Before.Add(via);
            }
        }

        NoteGone(node);
    }

    private void NoteGone(NodeAttachment node)
    {
        (node.State, node.StateSince) = (AttachmentState.Gone, _mirror.DynamicJournal.Sequence);
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

    private void Tell(NodeAttachment node)
    {
        NodeChanged?.Invoke(node.Node);
        if (_mirror.IsRelay)
        {
            _untold.Add(node);
            _wakeUpstream?.Invoke();
        }
    }
}
