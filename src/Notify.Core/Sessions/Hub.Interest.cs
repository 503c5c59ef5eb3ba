using Notify.Core.Sync;

namespace Notify.Core.Sessions;

/// <summary>
/// What nodes below ask for, and what can be said of it. A relay asks its upstream for the union, before it calls anything of it complete, and
/// keeps asking for a while after a node has vanished.
/// </summary>
public sealed partial class Hub
{
    private readonly UpstreamNeeds _needs;
    private readonly PriorityQueue<NodeAttachment, long> _narrowing = new();
    private (int, int) _needsVersion;

    /// <summary>What can be said of an item of a node's interest. Called inside the mirror's lock.</summary>
    internal Completeness CompletenessOf(SenderItem item, SenderInterest interest)
    {
        if (item.Selector.Kind == SelectorKind.Named || _mirror.Types.Find(item.Type) is not { } type)
        {
            return Completeness.NotServed;
        }

        if (type.IsDynamic && !IsSettled)
        {
            return Completeness.NotReady;
        }

        if (_mirror.IsRelay)
        {
            return _mirror.CompletenessAbove(type.Name, NeedsOf(item, interest));
        }

        return type.IsDynamic || _mirror.IsStoreLoaded ? Completeness.Complete : Completeness.NotReady;
    }

    /// <summary>True when a node that was elsewhere up to a revision of the store can go on here with an item. Called inside the mirror's lock.</summary>
    internal bool KnowsSince(SenderItem item, SenderInterest interest, long revision) =>
        !_mirror.IsRelay || item.Selector.Kind == SelectorKind.Named || _mirror.KnowsSince(revision, NeedsOf(item, interest));

    /// <summary>A session asks for other items than before.</summary>
    internal void NoteInterest(ServerSession session)
    {
        if (_mirror.IsRelay)
        {
            _mirror.ChangeInterestBelow(() => _nodes.GetValueOrDefault(session.Peer) is { } node && node.Session == session
                ? Ask(node, _needs.Of((node.AskedBy = session).Items), narrowAt: null)
                : ([], []));
        }
    }

    /// <summary>Types became known, or what they refer to: more may be needed for what is asked for.</summary>
    internal void TypesLearned()
    {
        lock (_mirror.Gate)
        {
            if (!_mirror.IsRelay || _needsVersion == _needs.Version)
            {
                return;
            }

            _needsVersion = _needs.Version;
        }

        foreach (var session in _sessions.OrderBy(session => session.NotifyId))
        {
            NoteInterest(session);
        }

        _mirror.NoteTypesLearned();
    }

    private IEnumerable<(string Type, Selector Selector)> NeedsOf(SenderItem item, SenderInterest interest) =>
        _needs.Of(item.Type, item.Selector, interest.AllScopes);

    /// <summary>Nobody speaks for what the node asked for any more. Called inside the mirror's lock.</summary>
    private void NarrowLater(NodeAttachment node, long atMs)
    {
        (node.AskedBy, node.NarrowAt) = (null, atMs);
        _narrowing.Enqueue(node, atMs);
    }

    private void Narrow(NodeAttachment node, long nowMs) => _mirror.ChangeInterestBelow(() =>
        node.NarrowAt <= nowMs ? Ask(node, [], narrowAt: null) : ([], [])); // Otherwise it came back in time.

    private static (HashSet<(string Type, Selector Selector)> Before, HashSet<(string Type, Selector Selector)> After) Ask(
        NodeAttachment node, HashSet<(string Type, Selector Selector)> items, long? narrowAt)
    {
        var before = node.Asked;
        (node.Asked, node.NarrowAt) = (items, narrowAt);
        return (before, items);
    }
}
