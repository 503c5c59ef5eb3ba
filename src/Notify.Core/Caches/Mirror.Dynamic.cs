using Notify.Core.Journal;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>The dynamic space: what this node publishes itself, and what its neighbours carry.</summary>
public sealed partial class Mirror
{
    private readonly DynamicObjects _dynamic;
    private readonly Carrier _own = new(notifyId: 0, Origin.Local);

    /// <summary>
    /// Publishes objects of dynamic and shared types that this node owns, and removes others, as one epoch: no snapshot and no handler here or above
    /// sees a part of it. Objects with unchanged bytes, and updates that the type's hook says are none, change nothing.
    /// </summary>
    /// <param name="upserts">New versions, as <see cref="ObjectType"/> described them.</param>
    /// <param name="removals">Objects to remove; ones that this node does not publish are left alone.</param>
    /// <exception cref="InvalidOperationException">A type is neither dynamic nor shared, or not registered on this node.</exception>
    /// <exception cref="InvalidObjectException">An object is larger than hubs take; nothing is published.</exception>
    public void Publish(IReadOnlyCollection<Envelope> upserts, IReadOnlyCollection<ObjectId> removals)
    {
        foreach (var type in upserts.Select(upsert => upsert.Id.Type).Concat(removals.Select(id => id.Type)).Distinct())
        {
            if (Types.Find(type) is not { IsPublished: true })
            {
                throw new InvalidOperationException(
                    $"{type} is not a dynamic or shared type that this node registered; only objects of such types are published by nodes. Write stored objects at a controller.");
            }
        }

        // A hub would end the session that brings such an object, each time anew: it is refused where it is written.
        if (upserts.FirstOrDefault(upsert => upsert.Size > ObjectBytesMax(upsert.Id.Type)) is { } large)
        {
            throw new InvalidObjectException(
                large.Id.Type, "", $"has {large.Size} bytes, the limit is {ObjectBytesMax(large.Id.Type)}; make it smaller or split it.");
        }

        var updates = WithoutNonUpdates(upserts);
        ChangeDynamic(() =>
        {
            foreach (var upsert in updates)
            {
                _publishesShared |= Types.Find(upsert.Id.Type)!.IsShared;

                // Attachment 0: the session that sends it up puts its own number in.
                _dynamic.Offer(_own, upsert with { Stamp = new Stamp(Node, 0, DynamicJournal.OpenRevision) });
            }

            foreach (var id in removals)
            {
                _dynamic.Withdraw(_own, id, LaneEntryKind.Deleted, new Stamp(Node, 0, DynamicJournal.OpenRevision));
            }

            return true;
        });
    }

    private int ObjectBytesMax(string type) =>
        Math.Min(_options.ObjectBytesMax, Types.Find(type)?.ObjectType?.ObjectBytesMax ?? int.MaxValue);

    /// <summary>Ids of the objects that this node publishes.</summary>
    public IReadOnlyList<ObjectId> Published()
    {
        lock (_gate)
        {
            return [.. _own.Keys];
        }
    }

    /// <summary>Runs a change of dynamic objects as one epoch with the next revision; without a change that shows there is none.</summary>
    internal TResult ChangeDynamic<TResult>(Func<TResult> change) => Change(() =>
    {
        DynamicJournal.Begin(DynamicJournal.Head + 1);
        var result = change();
        if (DynamicJournal.HasChanges)
        {
            DynamicJournal.End();
            Publish();
        }
        else
        {
            DynamicJournal.Cancel();
        }

        return result;
    });

    /// <summary>Carriers and candidates, for the sessions; use within <see cref="ChangeDynamic"/>.</summary>
    internal DynamicObjects Carried => _dynamic;
}
