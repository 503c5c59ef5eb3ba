using System.Collections.Immutable;
using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Types;

namespace Notify.Core.Storage.Sharing;

/// <summary>What is to be done for one node, as things are now.</summary>
internal sealed partial class Publications
{
    /// <summary>How many objects are compared at a time, inside the lock.</summary>
    private const int ComparedMax = 1000;

    /// <summary>Adds what is to be done for a node. False when it did not fit, and the node is still to be looked at.</summary>
    private bool TryAdd(TransactionDraft draft, Publication publication, long nowMs)
    {
        Plan plan;
        lock (_mirror.Gate)
        {
            plan = Decide(publication, nowMs);
        }

        if (plan.Fence is not null)
        {
            _hub.NoteFenced(plan.Fence);
        }

        if (plan.Count == 0)
        {
            if (publication.Dirty.Count == 0)
            {
                return true;
            }

            _wake(); // The rest next time: others need the lock.
            return false;
        }

        var isWhole = draft.HasRoom(plan.Count, plan.Conditions.Length + plan.Steps.Count, plan.Bytes);
        if (!draft.IsEmpty && (!isWhole || plan.Steps.Exists(step => draft.Has(step.Change.Id))))
        {
            publication.Turns.Clear();
            return false; // What a node has changed together stays together, where it fits into one transaction at all.
        }

        draft.Require(plan.Conditions);
        if (plan.Record is { } record)
        {
            draft.TryAdd(record, condition: null);
            _underway.Add((publication, record.Id));
        }

        foreach (var (change, condition) in plan.Steps)
        {
            if (!draft.TryAdd(change, condition))
            {
                return false;
            }

            _underway.Add((publication, change.Id));
        }

        return true;
    }

    private Plan Decide(Publication publication, long nowMs)
    {
        var record = _mirror.Shared.Find(publication.Node);
        var isMine = record?.Controller == _process;
        var node = _hub.Find(publication.Node);
        var session = node is { IsElsewhere: false, State: not AttachmentState.Gone } ? node.Session : null;
        if (session is not null && record is null && _mirror.Shared.Highest(publication.Node) is (var highest, var process)
            && (highest > node!.Attachment || (highest == node.Attachment && process != node.Process)))
        {
            // It began before this controller knew that the number was taken. One whose record was flushed while this controller was away goes on.
            publication.Forget();
            return new Plan { Fence = new Fenced { Node = publication.Node, Highest = highest } };
        }

        if (publication.IsHeld != isMine)
        {
            (publication.IsHeld, _heldCount) = (isMine, _heldCount + (isMine ? 1 : -1));
        }

        if (isMine || (session is not null && (record is null || IsNewer(node!, record))))
        {
            publication.FlushAt = null;
            return Publish(publication, record, node, session);
        }

        if (record is null || (session is null && !_mirror.Shared.IsAlive(record.Controller)))
        {
            return Flush(publication, record, nowMs);
        }

        // Another controller speaks for the node. What is here of it is nobody's last word, but for a session that a relay has taken there, number and all.
        var isPast = node is { IsElsewhere: false } && record.Number >= node.Highest && !record.IsOf(node) && (session is not null || node.Carriers.Count + publication.Said.Count > 0);
        publication.Forget();
        return new Plan
        {
            Fence = isPast ? new Fenced { Node = publication.Node, Highest = record.Number, Process = record.Process } : null,
        };
    }

    /// <summary>The session of the node here is newer than that of its record.</summary>
    private bool IsNewer(NodeAttachment node, SharedOwners.Attachment record) =>
        record.IsOf(node) ? record.Path.AsSpan().SequenceCompareTo(_hub.PathTo(node).ToArray()) < 0 : node.Attachment > record.Number;

    /// <summary>This controller speaks for the node, or is about to.</summary>
    private Plan Publish(Publication publication, SharedOwners.Attachment? record, NodeAttachment? node, ServerSession? session)
    {
        var stored = _mirror.Shared.ObjectsOf(publication.Node);
        if (publication.IsWhole)
        {
            publication.IsWhole = false;
            publication.Dirty.UnionWith(stored);
            publication.Dirty.UnionWith(publication.Said);
            publication.Turns.Clear();
        }

        var plan = new Plan { Conditions = [ConditionOf(publication.Node, record)] };
        TakeTurns(publication, plan, isRemoving: false, id => Compare(publication, id, node, session));
        if (session is not null)
        {
            var path = _hub.PathTo(node!).ToArray();
            var isOurs = record?.Controller == _process && record.IsOf(node!) && record.Path.AsSpan().SequenceEqual(path);
            if (!isOurs && plan.Steps.Count + stored.Count > 0)
            {
                plan.Record = StoreChange.Put(Records.Attach(publication.Node, node!.Attachment, node.Process, _process, path));
            }
        }
        else if (plan.Steps.Count + stored.Count + publication.Dirty.Count == 0)
        {
            plan.Record = StoreChange.Delete(Records.AttachId(publication.Node));
        }

        return plan;
    }

    private Step? Compare(Publication publication, ObjectId id, NodeAttachment? node, ServerSession? session)
    {
        var (said, stored) = (Said(id), Stored(id));
        var isStoredOurs = stored?.Stamp is { } owner && owner.Node == publication.Node;
        if (said is { Stamp: { } stamp } && stamp.Node == publication.Node)
        {
            if (publication.Refused.TryGetValue(id, out var refused))
            {
                if (ReferenceEquals(refused, said))
                {
                    return null;
                }

                publication.Refused.Remove(id);
            }

            // What an older session brought may be behind what the node has said elsewhere since, until the session of now is synced: then it is its word.
            // Of another owner's version the latest word counts, which is that of the store, unless the node has said something since.
            if (session is not null && IsSynced(node!, id.Type))
            {
                stamp = stamp with { Attachment = Math.Max(stamp.Attachment, node!.Attachment) };
            }

            return stored is null || (isStoredOurs ? !stored.SameContent(said) && !stamp.IsOlderThan(stored.Stamp!.Value) : publication.Fresh.Contains(id))
                // Conditional, too: a transaction of unknown outcome may still be done, later than the ones after it.
                ? new Step(StoreChange.Put(said with { Stamp = stamp }), new RevisionCondition(id, stored?.Revision ?? 0))
                : null;
        }

        publication.Refused.Remove(id);
        if (!isStoredOurs)
        {
            return null;
        }

        // Whoever leaves a hub that stops is on the way to another one. If it gets nowhere, others find that nobody speaks for it.
        var isGone = session is not null ? IsSynced(node!, id.Type) : !_hub.IsDraining && IsFlushed(id);
        if (isGone && said is { Stamp: { } other })
        {
            // Another node here says it, too, and is the one that counts now. Not in this transaction, which may have dealt with that node already.
            _handedOver.Add((other.Node, id));
            _wake();
            return null;
        }

        return isGone ? Delete(stored!) : null;
    }

    /// <summary>Nobody speaks for the node. When its time is over, what it owns goes, and its record last.</summary>
    private Plan Flush(Publication publication, SharedOwners.Attachment? record, long nowMs)
    {
        // The controller may be back by then, and speak for the node as before.
        var plan = new Plan
        {
            Conditions = record is null
                ? [ConditionOf(publication.Node, record)]
                : [ConditionOf(publication.Node, record), RevisionCondition.Absent(Records.Controller(record.Controller, "").Id)],
        };
        var objects = _mirror.Shared.ObjectsOf(publication.Node);
        var isEmpty = !objects.Any(IsFlushed);
        if (isEmpty && record is null)
        {
            publication.Forget();
            return plan;
        }

        if (publication.FlushAt is null)
        {
            publication.FlushAt = Math.Max(nowMs, _settledAt) + _flushDelayMs;
            _flushes.Enqueue(publication, publication.FlushAt.Value);
        }

        publication.IsWhole = false;
        publication.Fresh.Clear();
        if (nowMs < publication.FlushAt)
        {
            publication.Dirty.Clear();
            publication.Turns.Clear();
            return plan;
        }

        if (isEmpty)
        {
            plan.Record = StoreChange.Delete(Records.AttachId(publication.Node));
            publication.Dirty.Clear();
            publication.Turns.Clear();
            return plan;
        }

        if (publication.Turns.Count == 0)
        {
            publication.Dirty.Clear();
            publication.Dirty.UnionWith(objects);
        }

        TakeTurns(publication, plan, isRemoving: true, id => IsFlushed(id) && Stored(id) is { } stored && stored.Stamp?.Node == publication.Node ? Delete(stored) : null);
        return plan;
    }

    private bool IsFlushed(ObjectId id) => _mirror.Types.Find(id.Type) is { Declaration.Flush: true };

    /// <summary>Looks at the next objects that may differ, until there is enough for a transaction.</summary>
    private void TakeTurns(Publication publication, Plan plan, bool isRemoving, Func<ObjectId, Step?> look)
    {
        if (publication.Turns.Count == 0)
        {
            var ids = publication.Dirty.ToArray();
            Array.Sort(ids, (x, y) => ReferenceOrder.Compare(x, isRemoving, y, isRemoving, _mirror.Types));
            Array.ForEach(ids, publication.Turns.Enqueue);
        }

        for (var compared = 0; compared < ComparedMax && plan.Steps.Count < _changesMax && publication.Turns.TryDequeue(out var id); compared++)
        {
            if (look(id) is { } step)
            {
                plan.Steps.Add(step);
            }
            else
            {
                publication.Dirty.Remove(id);
                publication.Fresh.Remove(id);
            }
        }

        Sort(plan.Steps);
    }

    /// <summary>What a session does not say has gone once it has said everything.</summary>
    private static bool IsSynced(NodeAttachment node, string type) =>
        node.State == AttachmentState.Synced
        && (node.Via != node.Node || node.Carriers is not [.., var carrier] || !carrier.Unready.Contains(type));

    private static Step Delete(Envelope stored) => new(StoreChange.Delete(stored.Id), new RevisionCondition(stored.Id, stored.Revision));

    private static RevisionCondition ConditionOf(string node, SharedOwners.Attachment? record) => new(Records.AttachId(node), record?.Revision ?? 0);

    private void Sort(List<Step> steps) => steps.Sort((x, y) => ReferenceOrder.Compare(
        x.Change.Id, x.Change.Envelope is null, y.Change.Id, y.Change.Envelope is null, _mirror.Types));

    /// <param name="Change">The change.</param>
    /// <param name="Condition">What it depends on beside the node's record: the object is as it was when this was decided.</param>
    private readonly record struct Step(StoreChange Change, RevisionCondition Condition);

    private sealed class Plan
    {
        public List<Step> Steps { get; } = [];

        /// <summary>What is to become of the node's record, or null.</summary>
        public StoreChange? Record { get; set; }

        /// <summary>The record, and who speaks for the node, as they were when this was decided.</summary>
        public ImmutableArray<RevisionCondition> Conditions { get; init; } = [];

        /// <summary>The node's session here is not the newest: it ends.</summary>
        public Fenced? Fence { get; init; }

        public int Count => Steps.Count + (Record is null ? 0 : 1);

        public long Bytes => Steps.Sum(step => StoreLimits.SizeOf(step.Change)) + (Record is null ? 0 : StoreLimits.SizeOf(Record));
    }
}
