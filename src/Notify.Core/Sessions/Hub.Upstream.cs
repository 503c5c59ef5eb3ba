using Notify.Core.Protocol;

namespace Notify.Core.Sessions;

/// <summary>What a relay's hub tells its own upstream of the nodes below it, and what it is told of them: who has moved elsewhere.</summary>
public sealed partial class Hub
{
    /// <summary>Nodes of which the upstream has yet to hear.</summary>
    private readonly HashSet<NodeAttachment> _untold = [];

    private Action? _wakeUpstream;
    private ServerSession? _lastStored;
    private ServerSession? _lastDynamic;

    /// <summary>The upstream knows a newer session of a node below: the one here ends, and is passed on to where it is.</summary>
    internal void NoteFenced(Fenced fenced)
    {
        NodeAttachment? node;
        var isBack = false;
        lock (_mirror.Gate)
        {
            if (!_nodes.TryGetValue(fenced.Node, out node))
            {
                return;
            }

            var isThisOne = node.Session is not null && node.Attachment == fenced.Highest && node.Process == fenced.Process;
            if (node.Attachment > fenced.Highest || isThisOne)
            {
                // Said before it heard of the one here, or it would not say so.
                Tell(node);
                isBack = true;
            }
            else
            {
                NoteElsewhere(node, fenced);
            }
        }

        if (isBack)
        {
            Retell(node);
        }
        else
        {
            _mirror.ChangeDynamic(() =>
            {
                _mirror.Carried.ShowHidden(node.Node);
                return true;
            });
        }
    }

    private void NoteElsewhere(NodeAttachment node, Fenced fenced)
    {
        // Where it has moved, who is below has what it says elsewhere before what it said here goes.
        var after = fenced.Process == node.Process ? _mirror.DynamicJournal.Sequence : -1;
        (node.Highest, node.IsElsewhere) = (Math.Max(node.Highest, fenced.Highest), true);
        node.NoteUnknown();
        NoteMissed(node, isMissed: false);
        node.IsMissedAbove = false;
        node.Carriers.ForEach(carrier => carrier.IsPast = true);
        // Also where it is gone: what is kept of it may be there.
        (node.Session ?? _nodes.GetValueOrDefault(node.Via)?.Session)?.PassFenced(fenced, after);
        if (node.Session is null && node.Carriers.Count > 0)
        {
            // It vanished from here, and is somewhere else now: nothing is left to wait for.
            node.FlushAt = 0;
            _vanished.Enqueue(node, 0);
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
