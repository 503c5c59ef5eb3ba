using System.Diagnostics;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Sessions;
using Notify.Core.Types;

namespace Notify.Core.Storage.Sharing;

/// <summary>
/// Makes the shared objects of a store equal to what nodes below this controller say: compares, and says which transaction comes next. No I/O. One
/// transaction is on its way at a time, and the next is made from a mirror that shows it.
/// </summary>
/// <remarks>
/// Nothing is queued: objects that may differ are noted by key, and looked at when their turn comes, so a store that is slow or away merges changes.
/// What a node changed together goes into one transaction, unless that alone is too large.
/// </remarks>
internal sealed partial class Publications
{
    private readonly Mirror _mirror;
    private readonly Hub _hub;
    private readonly StoreLimits _limits;
    private readonly string _process;
    private readonly long _flushDelayMs;
    private readonly long _settledAt;
    private readonly Action _wake;
    private readonly Dictionary<string, Publication> _publications = new(StringComparer.Ordinal);
    private readonly Queue<Publication> _queue = new();
    private readonly PriorityQueue<Publication, long> _flushes = new();
    private readonly HashSet<string> _changedNodes = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectId, string> _saidBy = [];
    private readonly List<(string Node, ObjectId Id)> _handedOver = [];
    private readonly List<(Publication Publication, ObjectId Id)> _underway = [];
    private long _sequence = -1;
    private int _changesMax;
    private int _heldCount;

    /// <summary>Begins to compare.</summary>
    /// <param name="mirror">The controller's mirror.</param>
    /// <param name="hub">Its hub.</param>
    /// <param name="limits">Those of the store.</param>
    /// <param name="process">The controller's process.</param>
    /// <param name="takeoverMs">How long a node that nobody speaks for has, beyond the grace period, to turn up elsewhere.</param>
    /// <param name="nowMs">Now.</param>
    /// <param name="wake">Called when there may be something to do, also inside the mirror's lock.</param>
    public Publications(Mirror mirror, Hub hub, StoreLimits limits, string process, long takeoverMs, long nowMs, Action wake)
    {
        (_mirror, _hub, _limits, _process, _wake) = (mirror, hub, limits, process, wake);
        (_changesMax, _flushDelayMs, _settledAt) = (limits.ChangesMax, hub.Options.GraceMs + takeoverMs, nowMs + hub.Options.SettleMs);
        lock (mirror.Gate)
        {
            mirror.Shared.Wake = wake;
            hub.NodeChanged = node =>
            {
                _changedNodes.Add(node);
                wake();
            };
            _changedNodes.UnionWith(mirror.Shared.Nodes);
        }
    }

    /// <summary>When <see cref="Next"/> is needed, if nothing wakes before.</summary>
    public long NextDueAt => _flushes.TryPeek(out _, out var dueAt) ? dueAt : long.MaxValue;

    /// <summary>This controller speaks for nodes: its own record has to be there.</summary>
    public bool SpeaksForNodes => _heldCount > 0;

    /// <summary>
    /// What to commit next; null when the store has what nodes say. After each transaction one of <see cref="Done"/> and <see cref="Failed"/>.
    /// </summary>
    public Transaction? Next(long nowMs)
    {
        Debug.Assert(_underway.Count == 0, "One transaction at a time.");
        if (!_mirror.IsStoreLoaded)
        {
            return null;
        }

        TakeChanges();
        while (_flushes.TryPeek(out var due, out var dueAt) && dueAt <= nowMs)
        {
            _flushes.Dequeue();
            if (due.FlushAt is not null)
            {
                Queue(due);
            }
        }

        var draft = new TransactionDraft(_limits, _changesMax);
        while (_queue.TryPeek(out var publication))
        {
            if (!TryAdd(draft, publication, nowMs))
            {
                break;
            }

            _queue.Dequeue();
            publication.IsQueued = false;
            if (publication.IsIdle)
            {
                _publications.Remove(publication.Node);
            }
        }

        return draft.Build();
    }

    /// <summary>The store has answered, and the mirror shows what it has done.</summary>
    /// <returns>The object that the store will never take, with the reason, or null.</returns>
    public (ObjectId Id, string Reason)? Done(CommitResult result)
    {
        (ObjectId, string)? refused = null;
        if (result is CommitResult.Rejected rejected)
        {
            refused = Refuse(rejected);
        }

        if (result is CommitResult.Committed)
        {
            _changesMax = _limits.ChangesMax;
            foreach (var (publication, id) in _underway)
            {
                // It may differ all the same, and is looked at once more: where the mirror was loaded anew, what others did to it since then is no change.
                publication.Fresh.Remove(id);
                Queue(publication);
            }

            _underway.Clear();
        }

        Failed();
        return refused;
    }

    /// <summary>Nobody knows whether the transaction was done: what differs then will be found again.</summary>
    public void Failed()
    {
        foreach (var (publication, _) in _underway)
        {
            publication.IsWhole = true;
            Queue(publication);
        }

        _underway.Clear();
        _wake();
    }

    private (ObjectId, string)? Refuse(CommitResult.Rejected rejected)
    {
        var objects = _underway.Where(one => !Records.Has(one.Id.Type)).ToList();
        if (rejected.Id is null && objects.Count > 1)
        {
            _changesMax = Math.Max(2, objects.Count / 2);
            return null;
        }

        var index = rejected.Id is null ? 0 : objects.FindIndex(one => one.Id == rejected.Id);
        if (index < 0 || index >= objects.Count)
        {
            return null;
        }

        var (publication, id) = objects[index];
        lock (_mirror.Gate)
        {
            if (Said(id) is { } said)
            {
                publication.Refused[id] = said;
            }
        }

        return (id, rejected.Message);
    }

    private void TakeChanges()
    {
        LaneCut cut;
        HashSet<string> nodes;
        HashSet<ObjectId> ids;
        lock (_mirror.Gate)
        {
            var journal = _mirror.DynamicJournal;
            (nodes, ids) = _mirror.Shared.TakeChanged();
            nodes.UnionWith(_changedNodes);
            _changedNodes.Clear();
            if (journal.Main.FloorSequence > _sequence)
            {
                // What was removed meanwhile is not listed any more: everything is looked at anew.
                _sequence = -1;
                nodes.UnionWith(_mirror.Shared.Nodes);
                nodes.UnionWith(_saidBy.Values);
                ids.UnionWith(_saidBy.Keys);
                ForgetSaid();
            }

            cut = journal.Main.CutAfterSequence(_sequence);
            _sequence = journal.Sequence;
            _mirror.WakeOnChange(journal, main: true, [], _wake);
        }

        foreach (var entry in cut.Entries)
        {
            if (_mirror.Types.Find(entry.Id.Type) is not { IsShared: true })
            {
                continue;
            }

            NoteSaid(entry.Id, entry.Envelope?.Stamp?.Node);
            ids.Add(entry.Id);
        }

        foreach (var (node, id) in _handedOver)
        {
            Find(node).Fresh.Add(id);
            ids.Add(id);
        }

        _handedOver.Clear();
        lock (_mirror.Gate)
        {
            foreach (var id in ids)
            {
                if ((Said(id) ?? Stored(id)) is { Stamp: { } stamp })
                {
                    Find(stamp.Node).Dirty.Add(id);
                }
            }
        }

        foreach (var node in nodes)
        {
            Find(node).IsWhole = true;
        }
    }

    /// <summary>The hub shows an object as a node's, or as nobody's.</summary>
    private void NoteSaid(ObjectId id, string? owner)
    {
        if (_saidBy.TryGetValue(id, out var before) && before != owner)
        {
            Find(before).Said.Remove(id);
            _saidBy.Remove(id);
        }

        if (owner is not null)
        {
            var publication = Find(owner);
            publication.Said.Add(id);
            publication.Fresh.Add(id);
            _saidBy[id] = owner;
        }
    }

    private void ForgetSaid()
    {
        foreach (var node in _saidBy.Values)
        {
            Find(node).Said.Clear();
        }

        _saidBy.Clear();
    }

    /// <summary>The publication of a node, queued.</summary>
    private Publication Find(string node)
    {
        if (!_publications.TryGetValue(node, out var publication))
        {
            _publications.Add(node, publication = new Publication(node));
        }

        Queue(publication);
        return publication;
    }

    private void Queue(Publication publication)
    {
        if (!publication.IsQueued)
        {
            publication.IsQueued = true;
            _publications[publication.Node] = publication;
            _queue.Enqueue(publication);
        }
    }

    /// <summary>What a node below says of an object. Inside the lock.</summary>
    private Envelope? Said(ObjectId id) => _mirror.DynamicJournal.Find(id)?.Current;

    /// <summary>What the store has of an object. Inside the lock.</summary>
    private Envelope? Stored(ObjectId id) => _mirror.StoredJournal.Find(id)?.Current;
}
