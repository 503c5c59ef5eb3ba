using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Protocol;
using Notify.Core.Types;
using Envelope = Notify.Core.Types.Envelope;

namespace Notify.Core.Sync;

/// <summary>
/// The changes of one bundle in reference order, made from a cut without any lock. References to versions are collected, not copies; types
/// that are wanted whole are read straight from the snapshot's table.
/// </summary>
internal sealed class BundlePlan
{
    private readonly SenderCut _cut;
    private readonly TypeTable _types;
    private readonly Origin _peer;
    private readonly bool _tellsByOwner;
    private readonly Dictionary<string, List<Envelope>> _upserts = new(StringComparer.Ordinal);
    private readonly HashSet<ObjectId> _seen = [];
    private readonly Dictionary<ObjectId, OutgoingChange> _removed = [];
    private readonly List<OutgoingChange> _removals;
    private readonly HashSet<string> _wholeTypes = new(StringComparer.Ordinal);

    /// <summary>Plans the bundle of a cut.</summary>
    /// <param name="cut">The cut.</param>
    /// <param name="types">The types of this node.</param>
    /// <param name="peer">Where nothing that came from there returns.</param>
    /// <param name="tellsByOwner">Objects with stamps are their owner's, wherever they came from: those of the store.</param>
    public BundlePlan(SenderCut cut, TypeTable types, Origin peer, bool tellsByOwner)
    {
        (_cut, _types, _peer, _tellsByOwner) = (cut, types, peer, tellsByOwner);
        CollectWhole();
        CollectMain();
        foreach (var (scope, lane) in cut.Lanes)
        {
            CollectLane(scope, lane);
        }

        foreach (var entry in cut.Departed)
        {
            AddDeparted(entry);
        }

        foreach (var shadowed in cut.Shadowed.Values)
        {
            // Revisions are this node's own here, so the cursor's says whether the peer has it.
            if (cut.Interest.CoverInMain(shadowed.Id) is { } item && (cut.Whole.Contains(item) || shadowed.Revision > cut.AfterRevision))
            {
                AddUpsert(shadowed, isBesideWhole: true);
            }
        }

        foreach (var left in cut.LeftInterest)
        {
            AddRemoval(new OutgoingChange(left.Id, null, cut.Snapshot.Revision, RemovalReason.LeftInterest, null));
        }

        foreach (var list in _upserts.Values)
        {
            list.Sort(static (x, y) => BytesOrder.Instance.Compare(x.Id.Key, y.Id.Key));
        }

        _removals = [.. _removed.Values];
        _removals.Sort((x, y) => ReferenceOrder.Compare(x.Id, true, y.Id, true, types));
    }

    /// <summary>How many changes there are, at most.</summary>
    public long Count { get; private set; }

    /// <summary>About how many bytes they take.</summary>
    public long Bytes { get; private set; }

    /// <summary>Upserts by rising rank, then removals by falling rank.</summary>
    public IEnumerable<OutgoingChange> Changes()
    {
        var types = _upserts.Keys.Union(_wholeTypes)
            .Select(name => _types.Find(name)!)
            .OrderBy(type => type.Rank)
            .ThenBy(type => type.Name, StringComparer.Ordinal)
            .ToArray();
        foreach (var type in types)
        {
            var envelopes = _upserts.GetValueOrDefault(type.Name, []).AsEnumerable();
            if (_wholeTypes.Contains(type.Name))
            {
                envelopes = _cut.Snapshot.Table(type.Name).ByKey.From().Select(row => row.Value)
                    .Where(envelope => !IsEcho(envelope.Origin, envelope.Stamp) && !IsUnconfirmed(envelope))
                    .Concat(envelopes);
            }

            foreach (var envelope in envelopes)
            {
                yield return OutgoingChange.Upsert(envelope);
            }
        }

        foreach (var removal in _removals)
        {
            yield return removal;
        }
    }

    private void CollectWhole()
    {
        // Whole types first: a single key of one is among them, and must be neither sent nor counted again.
        foreach (var item in _cut.Whole.OrderByDescending(item => item.Selector.Kind == SelectorKind.All).ThenBy(item => item.Number))
        {
            if (_types.Find(item.Type) is null)
            {
                continue; // Asked for, and declared by nobody: the item's state says that it is not served.
            }

            if (item.Selector.Kind == SelectorKind.All)
            {
                _wholeTypes.Add(item.Type);
                Count += _cut.Snapshot.Table(item.Type).ByKey.Count;
                Bytes += _cut.Snapshot.Table(item.Type).Bytes;
            }
            else if (item.Selector.Kind == SelectorKind.Key
                     && _cut.Snapshot.Table(item.Type).ByKey.Find(item.Selector.Key) is { } envelope
                     && !IsEcho(envelope.Origin, envelope.Stamp))
            {
                AddUpsert(envelope);
            }
        }
    }

    private void CollectMain()
    {
        foreach (var entry in _cut.Main.Entries)
        {
            if (_cut.Interest.CoverInMain(entry.Id) is { } item && !_cut.IsHeldBack(item) && !_cut.Whole.Contains(item))
            {
                Add(entry, item);
            }
        }
    }

    private void CollectLane(Scope scope, LaneCut lane)
    {
        var isNewScope = _cut.NewScopes.Contains(scope);
        foreach (var entry in lane.Entries)
        {
            if (_cut.Interest.CoverInLane(entry, scope) is not { } item || _cut.IsHeldBack(item))
            {
                continue; // Not asked for, or sent whole later.
            }

            // Also where an item of the main lane brings the object: it may be withdrawn one day, and then the peer has to know that this one has it, too.
            var isWhole = _cut.Whole.Contains(item) || (isNewScope && !entry.Direct && !_cut.AlreadyHeld.Contains(entry.Id));
            if (entry.IsMarker ? !isWhole && _cut.IsAfterCursor(entry) : isWhole || _cut.IsAfterCursor(entry))
            {
                Add(entry, item);
            }
        }
    }

    private void Add(LaneEntry entry, SenderItem? item)
    {
        if (entry.IsMarker && _cut.StillCovered.Contains(entry.Id))
        {
            return; // Another lane has the object, and says what the peer has to know of it.
        }

        if (IsEcho(entry))
        {
            if ((_cut.IsOriginNews(entry) || item is { HasGaps: true }) && !_cut.Shadowed.ContainsKey(entry.Id))
            {
                AddRemoval(new OutgoingChange(entry.Id, null, entry.Revision, RemovalReason.Left, null));
            }
        }
        else if (entry.Envelope is { } envelope)
        {
            AddUpsert(envelope);
        }
        else
        {
            AddRemoval(entry.Kind == LaneEntryKind.Deleted
                ? new OutgoingChange(entry.Id, null, entry.DeletedAt, RemovalReason.Deleted, entry.Stamp)
                : new OutgoingChange(entry.Id, null, entry.Revision, RemovalReason.Left, entry.Stamp));
        }
    }

    private void AddDeparted(LaneEntry entry)
    {
        if (entry.IsMarker)
        {
            Add(entry, item: null);
        }
        else if (!IsEcho(entry))
        {
            AddRemoval(new OutgoingChange(entry.Id, null, entry.Revision, RemovalReason.Left, null));
        }
    }

    private void AddUpsert(Envelope envelope, bool isBesideWhole = false)
    {
        if (IsUnconfirmed(envelope) || (_wholeTypes.Contains(envelope.Id.Type) && !isBesideWhole) || !_seen.Add(envelope.Id))
        {
            return;
        }

        if (!_upserts.TryGetValue(envelope.Id.Type, out var list))
        {
            _upserts.Add(envelope.Id.Type, list = []);
        }

        list.Add(envelope);
        Count++;
        Bytes += envelope.Size;
    }

    private void AddRemoval(OutgoingChange removal)
    {
        // One lane may say that a key left while another has it: the upsert is the truth.
        if (_seen.Add(removal.Id))
        {
            Count++;
            Bytes += removal.Id.Key.Length;
        }
        else if (!_removed.TryGetValue(removal.Id, out var before) || before.Revision >= removal.Revision)
        {
            return;
        }

        // A key may have left several lanes, at different times: only the latest is after every version that the peer may hold.
        _removed[removal.Id] = removal;
    }

    /// <summary>
    /// At a relay: it is of an earlier incarnation of the store, and the new one has yet to say whether it has it. Whoever got it now would take its
    /// revision, or its content, for one of the new incarnation's.
    /// </summary>
    private static bool IsUnconfirmed(Envelope envelope) => envelope.Revision == 0;

    /// <summary>Nothing returns to where it came from. See <see cref="LaneEntry.OriginSince"/> for what does instead.</summary>
    private bool IsEcho(LaneEntry entry) => IsEcho(entry.Origin, entry.Envelope is { } envelope ? envelope.Stamp : entry.Stamp);

    /// <summary>A shared object comes from the store, and all the same from the node that owns it.</summary>
    private bool IsEcho(Origin origin, Types.Stamp? stamp) =>
        origin.Equals(_peer) || (_tellsByOwner && stamp is { } owner && owner.Node == _peer.Node);
}
