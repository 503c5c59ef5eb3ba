using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Server.Objects;

namespace Notify.Server.Status;

/// <summary>What a mirror says about itself.</summary>
public static class MirrorStatus
{
    /// <summary>Fills in spaces, types with their numbers of objects, and the counters.</summary>
    /// <param name="status">What to add to.</param>
    /// <param name="mirror">The node's mirror.</param>
    /// <param name="storedHead">The newest revision of the store that the node has heard of; below the mirror's own it does not count.</param>
    public static void AddTo(NodeStatus status, Mirror mirror, long storedHead = 0)
    {
        var snapshot = mirror.Snapshot();
        if (ObjectViews.SpaceOf(snapshot.StoredSpace, SpaceKind.Stored) is { } stored)
        {
            status.Spaces.Add(new SpaceStatus
            {
                Space = stored,
                Revision = snapshot.StoredRevision,
                Head = Math.Max(storedHead, snapshot.StoredRevision),
                Floor = mirror.StoredFloor,
            });
        }

        status.Spaces.Add(new SpaceStatus
        {
            Space = ObjectViews.SpaceOf(snapshot.DynamicSpace, SpaceKind.Dynamic),
            Revision = snapshot.DynamicRevision,
            Head = snapshot.DynamicRevision,
        });
        status.Types_.AddRange(mirror.Types.All.OrderBy(type => type.Name, StringComparer.Ordinal).Select(type => new TypeStatus
        {
            Name = type.Name,
            Space = type.IsDynamic ? SpaceKind.Dynamic : SpaceKind.Stored,
            Objects = snapshot.Count(type.Name),
            Registered = type.ObjectType is not null,
        }));
        status.Counters ??= new LinkCounters();
        status.Counters.Received = mirror.Counters.Received;
        status.Counters.Removed = mirror.Counters.Removed;
        status.Counters.Resent = mirror.Counters.Resent;
        status.Counters.Flushed = mirror.Counters.Flushed;
        status.Counters.FullSyncs = mirror.Counters.FullSyncs;
        status.Counters.StoredFullSyncs = mirror.Counters.StoredFullSyncs;
        status.Counters.Sent = mirror.Counters.Sent;
    }
}
