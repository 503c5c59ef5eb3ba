using System.Collections.Immutable;
using System.Diagnostics;
using Notify.Core.Types;

namespace Notify.Core.Journal;

/// <summary>
/// The latest version of every object of one space in revision order: a main lane, a lane per scope, and the tables that snapshots
/// share. One epoch is applied between <see cref="Begin"/> and <see cref="End"/>. Guarded by the lock of its mirror.
/// </summary>
internal sealed partial class SpaceJournal
{
    private readonly TypeTable _types;
    private readonly JournalLimits _limits;
    private readonly bool _hasScopeLanes;
    private const int SkippedMax = 256;

    private readonly Queue<(long From, long To)> _skipped = new();
    private readonly Dictionary<ObjectId, KeyRecord> _records = [];
    private readonly Dictionary<string, TypeEditor> _editors = new(StringComparer.Ordinal);
    private long _openRevision;
    private bool _isOpen;

    /// <summary>The open epoch, or else the last one, changed something.</summary>
    public bool HasChanges { get; private set; }

    /// <summary>Creates an empty journal. A leaf needs no scope lanes: it has nobody below.</summary>
    public SpaceJournal(TypeTable types, JournalLimits limits, bool hasScopeLanes)
    {
        (_types, _limits, _hasScopeLanes) = (types, limits, hasScopeLanes);
        Main = new Lane(limits.TombstonesMax, floor: 0, floorSequence: 0);
    }

    /// <summary>The store's space: a shared object in it counts as coming from its owner, whose stamp it has, besides from where it came.</summary>
    public bool HasOwners { get; init; }

    public Lane Main { get; private set; }

    /// <summary>Keys of which anything is known.</summary>
    public int RecordCount => _records.Count;

    public SpaceSnapshot Snapshot { get; private set; } = SpaceSnapshot.Empty;

    public long Head => Snapshot.Revision;

    public long Sequence => Snapshot.Sequence;

    public Space? Space => Snapshot.Space;

    /// <summary>The revision of the epoch that is open.</summary>
    public long OpenRevision => _openRevision;

    /// <summary>The sequence of the commit that is open.</summary>
    private long OpenSequence => Snapshot.Sequence + 1;

    /// <summary>
    /// Names the space, or starts its new incarnation at a revision: what is held stays, but revisions of before count for nothing, and nobody
    /// resumes over the change. Until the new incarnation confirms it, what is held is without a revision and not sent on.
    /// </summary>
    public void BeginSpace(Space space, long revision)
    {
        Debug.Assert(!_isOpen, "An incarnation begins between epochs.");
        var sequence = OpenSequence;
        (_laneFloor, _laneFloorSequence) = (0, 0);
        _skipped.Clear();
        Main = new Lane(_limits.TombstonesMax, revision, sequence);
        foreach (var record in _records.Values)
        {
            (record.Revision, record.RemovedStamp, record.Main) = (0, null, null);
            if (record.Current is { } current)
            {
                record.Current = current with { Revision = 0 };
                TypeEditor(record.Id.Type).Replace(current, record.Current);
                record.Main = new LaneEntry(
                    sequence, revision, record.Id, LaneEntryKind.Upsert, record.Current, Direct: false, DirectSince: 0, Stamp: null, record.Origin, record.OriginSince);
                Main.Append(record.Main);
            }
        }

        (_openRevision, _isOpen) = (revision, true);
        RebuildLanes();
        _isOpen = false;
        Snapshot = Snapshot with { Space = space, Revision = revision, Sequence = sequence, Tables = Freeze() };
    }

    /// <summary>
    /// Declares that not everything is known of what went before the head, so nobody can resume from a revision below it, and no cursor from below a
    /// sequence.
    /// </summary>
    public void RaiseFloors(long toSequence)
    {
        Main.RaiseFloor(Head, toSequence);
        RaiseLaneFloors(Head, toSequence);
    }

    /// <summary>
    /// At a relay: the journal went from one revision to another in one step. What came and went in between, it never had, so who was in between
    /// elsewhere cannot go on here. A live session was at neither.
    /// </summary>
    public void NoteSkipped(long from, long to)
    {
        if (to <= from + 1)
        {
            return;
        }

        _skipped.Enqueue((from, to));
        if (_skipped.Count > SkippedMax)
        {
            var (_, forgotten) = _skipped.Dequeue();
            Main.RaiseFloor(forgotten, sequence: 0);
            RaiseLaneFloors(forgotten, sequence: 0);
        }
    }

    /// <summary>The revision is one that this journal never was at.</summary>
    public bool HasSkipped(long revision) => _skipped.Any(skipped => skipped.From < revision && revision < skipped.To);

    public KeyRecord? Find(ObjectId id) => _records.GetValueOrDefault(id);

    public KeyRecord FindOrAdd(ObjectId id)
    {
        if (!_records.TryGetValue(id, out var record))
        {
            _records.Add(id, record = new KeyRecord(id));
        }

        return record;
    }

    /// <summary>Starts an epoch at a revision not below the head.</summary>
    public void Begin(long revision)
    {
        Debug.Assert(!_isOpen && revision >= Head, "Epochs do not nest and revisions do not fall.");
        (_isOpen, _openRevision, HasChanges) = (true, revision, false);
        TakeFollowed();
    }

    /// <summary>Puts a version in. The caller has decided that it is the one to show.</summary>
    public void Upsert(KeyRecord record, Envelope envelope)
    {
        Debug.Assert(_isOpen && _types.Find(record.Id.Type) is not null, "Versions are put in within an epoch, of declared types.");
        var before = record.Current;
        NoteOrigin(record, envelope, before is not null || record.Main is not null);
        record.Current = envelope;
        record.Revision = envelope.Revision;
        (record.RemovedStamp, record.LastStamp) = (null, null);
        ReplaceMain(record, LaneEntryKind.Upsert, envelope, stamp: null);
        TypeEditor(record.Id.Type).Replace(before, envelope);
        UpdateLanes(record, before);
    }

    /// <summary>
    /// Says again what shows, as something that its origin has taken over just now: who that origin is learns that it holds nothing else of
    /// the object any more.
    /// </summary>
    public void Retell(KeyRecord record)
    {
        record.OriginSince = OpenSequence;
        ReplaceMain(record, LaneEntryKind.Upsert, record.Current, stamp: null);
    }

    /// <summary>Takes the shown version out and leaves a marker. The caller has seen that there is one.</summary>
    public void Remove(KeyRecord record, LaneEntryKind kind, long revision, Stamp? stamp = null)
    {
        Debug.Assert(_isOpen && record.Current is not null && kind != LaneEntryKind.Upsert, "Only what is shown can be removed.");
        var before = record.Current;
        stamp ??= HasOwners ? before.Stamp : null;
        record.Current = null;
        // What merely left may come back at its old revision; what was deleted may not.
        record.Revision = kind == LaneEntryKind.Deleted ? revision : 0;
        (record.RemovedStamp, record.LastStamp) = (stamp, before.Stamp);
        ReplaceMain(record, kind, envelope: null, stamp);
        TypeEditor(record.Id.Type).Remove(before);
        UpdateLanes(record, before);
    }

    /// <summary>Ends an epoch in which nothing changed, as if it had not begun.</summary>
    public void Cancel()
    {
        Debug.Assert(_isOpen && !HasChanges, "Only an empty epoch can be taken back.");
        _isOpen = false;
    }

    /// <summary>Ends the epoch: from here on snapshots and cuts see it.</summary>
    public SpaceSnapshot End()
    {
        Debug.Assert(_isOpen, "An epoch is open.");
        _isOpen = false;
        Snapshot = Snapshot with { Revision = _openRevision, Sequence = OpenSequence, Tables = Freeze() };
        TrimMain();
        TrimLanes();
        return Snapshot;
    }

    private ImmutableDictionary<string, TypeTables> Freeze()
    {
        var tables = Snapshot.Tables;
        foreach (var (type, editor) in _editors)
        {
            if (editor.TryFreeze() is { } changed)
            {
                tables = tables.SetItem(type, changed);
            }
        }

        return tables;
    }

    /// <summary>Forgets a record that nobody needs.</summary>
    public void Release(KeyRecord record)
    {
        if (record.IsIdle)
        {
            _records.Remove(record.Id);
        }
    }

    private void NoteOrigin(KeyRecord record, Envelope envelope, bool hadAnother)
    {
        var owner = HasOwners ? envelope.Stamp?.Node : null;
        if (!record.Origin.Equals(envelope.Origin) || record.Owner != owner)
        {
            record.OriginSince = hadAnother ? OpenSequence : 0;
            (record.Origin, record.Owner) = (envelope.Origin, owner);
        }
    }

    private void ReplaceMain(KeyRecord record, LaneEntryKind kind, Envelope? envelope, Stamp? stamp)
    {
        if (record.Main is not null)
        {
            Main.Remove(record.Main);
        }

        HasChanges = true;
        record.Main = NewEntry(record, kind, envelope, direct: false, directSince: 0, stamp);
        Main.Append(record.Main);
    }

    private LaneEntry NewEntry(KeyRecord record, LaneEntryKind kind, Envelope? envelope, bool direct, long directSince, Stamp? stamp) =>
        new(OpenSequence, _openRevision, record.Id, kind, envelope, direct, directSince, stamp, record.Origin, record.OriginSince)
        {
            DeletedAt = kind == LaneEntryKind.Deleted ? record.Revision : 0,
        };

    private void TrimMain()
    {
        foreach (var dropped in Main.TrimMarkers() ?? [])
        {
            var record = _records[dropped.Id];
            record.Main = null;
            (record.RemovedStamp, record.LastStamp) = (null, null);
            Release(record);
        }
    }

    private TypeEditor TypeEditor(string type)
    {
        if (!_editors.TryGetValue(type, out var editor))
        {
            _editors.Add(type, editor = new TypeEditor(Snapshot.Table(type)));
        }

        return editor;
    }
}
