using Notify.Core.Journal;
using Notify.Core.Sync;
using Notify.Core.Transport;
using Completeness = Notify.Core.Sync.Completeness;

namespace Notify.Core.Sessions;

/// <summary>What sessions carry: taking it in, handing it over to the next session, and flushing it.</summary>
public sealed partial class Hub
{
    /// <summary>Commits a bundle from a node below as one epoch of this hub. Returns the number of the view that has it.</summary>
    /// <exception cref="RefusedException">The session would carry too many objects.</exception>
    internal long Commit(ServerSession session, Carrier carrier, IncomingBundle bundle, Func<uint, string?> typeOfItem)
    {
        lock (_mirror.Gate)
        {
            // Before the epoch begins. Only this session makes its carrier grow, so what is seen here holds in the epoch, too.
            var added = bundle.Changes.Count(change => change.Envelope is not null && !carrier.Keys.Contains(change.Id));
            if (carrier.Keys.Count + added > Options.CarriedMax)
            {
                throw new RefusedException(
                    GrpcStatusCode.ResourceExhausted, $"{session.Peer} publishes more than {Options.CarriedMax} objects, the limit of this hub.");
            }
        }

        NodeAttachment? synced = null;
        _mirror.ChangeDynamic(() =>
        {
            if (!_nodes.TryGetValue(session.Peer, out var node) || node.Session != session)
            {
                return false; // Fenced while the frame was on its way: a late frame changes nothing.
            }

            foreach (var change in bundle.Changes)
            {
                Apply(carrier, change);
                if (bundle.Whole.Length > 0 && change.Envelope is not null)
                {
                    bundle.Confirmed.Add(change.Id);
                }
            }

            bundle.Changes.Clear();
            bundle.Bytes = 0;
            if (bundle.IsComplete)
            {
                (carrier.SenderSpace, carrier.SenderRevision) = (bundle.Space, bundle.Revision);
                synced = FinishSync(node, carrier, bundle, typeOfItem) ? node : null;
            }

            return true;
        });
        NoteSynced(synced, session);
        return _mirror.Snapshot().Number;
    }

    private void Apply(Carrier carrier, IncomingChange change)
    {
        if (change.Envelope is { Stamp: { } stamp } envelope)
        {
            if (_nodes.GetValueOrDefault(stamp.Node) is { } owner && IsPast(owner, carrier, stamp.Attachment))
            {
                return; // The owner has been elsewhere since, and says there what it has.
            }

            carrier.Doubtful.Remove(envelope.Id);
            _mirror.Counters.AddReceived(_mirror.Carried.Offer(carrier, envelope) ? 1 : 0);
        }
        else
        {
            carrier.Doubtful.Remove(change.Id);
            var kind = change.IsDeletion ? LaneEntryKind.Deleted : LaneEntryKind.Left;
            _mirror.Counters.AddRemoved(_mirror.Carried.Withdraw(carrier, change.Id, kind, change.Stamp) ? 1 : 0);
        }
    }

    /// <summary>A session of this number is not the owner's last word. One that has said everything has said it with its own number.</summary>
    private bool IsPast(NodeAttachment owner, Carrier carrier, long attachment) => attachment < owner.SaidAllAs
        || IsPastThere(owner, carrier, attachment);

    private bool IsPastThere(NodeAttachment owner, Carrier carrier, long attachment) => owner.Via == carrier.Origin.Node
        ? attachment <= owner.ElsewhereUpTo
        : attachment < owner.Highest || (attachment == owner.Highest && (owner.Session is not null || IsBefore(owner, carrier)));

    /// <summary>Where it comes from is told, or was, that the owner's sessions up to the highest are past.</summary>
    private bool IsBefore(NodeAttachment owner, Carrier carrier) =>
        _nodes.TryGetValue(carrier.Origin.Node, out var neighbour) && owner.Before.Contains(neighbour);

    /// <summary>
    /// The newer session is complete: what older ones carried and it sent again is its own already; what it resumed becomes its own; the rest
    /// is gone. All in the epoch of the sync, so nothing flaps. False when nothing is complete yet.
    /// </summary>
    private bool FinishSync(NodeAttachment node, Carrier carrier, IncomingBundle bundle, Func<uint, string?> typeOfItem)
    {
        var complete = bundle.States
            .Where(state => state.Completeness == Completeness.Complete)
            .Select(state => typeOfItem(state.Number))
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        var whole = bundle.Whole.Select(typeOfItem).OfType<string>().ToHashSet(StringComparer.Ordinal);
        carrier.Unready.UnionWith(bundle.States.Select(state => typeOfItem(state.Number)).OfType<string>());
        carrier.Unready.ExceptWith(complete);

        // A session that could not go on from where it was says everything anew: what it does not say any more is gone. A relay that has just
        // started says first what it has, and later that this is all.
        carrier.SaidWhole.UnionWith(whole);
        carrier.Doubtful.UnionWith(carrier.Keys.Where(id => whole.Contains(id.Type) && !bundle.Confirmed.Contains(id)));
        foreach (var id in carrier.Doubtful.Where(id => complete.Contains(id.Type)).ToArray())
        {
            carrier.Doubtful.Remove(id);
            _mirror.Counters.AddRemoved(_mirror.Carried.Withdraw(carrier, id, LaneEntryKind.Deleted, stamp: null) ? 1 : 0);
        }

        foreach (var older in node.Carriers.Where(older => older != carrier))
        {
            foreach (var id in older.Keys.Where(id => complete.Contains(id.Type)).ToArray())
            {
                if (carrier.SaidWhole.Contains(id.Type))
                {
                    _mirror.Counters.AddRemoved(_mirror.Carried.Withdraw(older, id, LaneEntryKind.Deleted, stamp: null) ? 1 : 0);
                }
                else
                {
                    _mirror.Carried.Retag(older, carrier, id, node.Attachment);
                }
            }
        }

        node.Carriers.RemoveAll(older => older != carrier && older.Keys.Count == 0);
        if (complete.Count > 0)
        {
            DropOlder(node, keptToo: true);
        }

        return complete.Count > 0;
    }

    /// <summary>
    /// It is known what the node has now: what others still carry of its older sessions is gone. Within an epoch.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="keptToo">Its newer session has said everything. Otherwise that has only ended, and what is kept after a session stays.</param>
    private void DropOlder(NodeAttachment node, bool keptToo)
    {
        foreach (var carrier in node.Before.SelectMany(neighbour => neighbour.Carriers))
        {
            // As many steps as the other relay carries objects; only for a node that has moved while that relay still spoke for it.
            foreach (var id in carrier.Keys.Where(id => keptToo || _mirror.Types.Find(id.Type)!.Declaration.Flush).ToArray())
            {
                if (_mirror.Carried.Held(carrier, id) is { Stamp: { } stamp } && stamp.Node == node.Node && stamp.Attachment <= node.Highest)
                {
                    _mirror.Counters.AddRemoved(_mirror.Carried.Withdraw(carrier, id, LaneEntryKind.Deleted, stamp: null) ? 1 : 0);
                }
            }
        }

        node.Before.RemoveWhere(neighbour => keptToo || neighbour.Carriers.TrueForAll(carrier => carrier.Keys.Count == 0));
        if (node.Via != node.Node)
        {
            // It was next to this hub, and is behind a relay now, with all that is behind itself.
            node.Carriers.ForEach(carrier => _mirror.Counters.AddFlushed(_mirror.Carried.Flush(carrier, keptToo)));
            node.Carriers.RemoveAll(carrier => carrier.Keys.Count == 0);
        }
    }

    private void DropOlder(IReadOnlyCollection<NodeAttachment> nodes, bool keptToo)
    {
        if (nodes.Count > 0)
        {
            _mirror.ChangeDynamic(() =>
            {
                foreach (var node in nodes)
                {
                    DropOlder(node, keptToo);
                    _mirror.Carried.ShowHidden(node.Node);
                }

                return true;
            });
        }
    }

    private void Flush(NodeAttachment node, long nowMs)
    {
        var isFlushed = _mirror.ChangeDynamic(() =>
        {
            if (node.Session is not null || node.FlushAt is not { } due || due > nowMs)
            {
                return false; // It came back in time.
            }

            node.FlushAt = null;
            node.NoteUnknown();
            foreach (var carrier in node.Carriers)
            {
                _mirror.Counters.AddFlushed(_mirror.Carried.Flush(carrier, keptToo: node.IsElsewhere));
            }

            _mirror.Carried.ShowHidden(node.Node);

            // Kept types stay with their carrier until the node comes back and says otherwise.
            node.Carriers.RemoveAll(carrier => carrier.Keys.Count == 0);
            return true;
        });
        if (isFlushed)
        {
            NoteFlushed(node);
        }
    }
}
