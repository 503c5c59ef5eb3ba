using System.Diagnostics;
using Notify.Core.Types;

namespace Notify.Core.Journal;

/// <summary>Lanes of scopes and their closures.</summary>
/// <remarks>
/// Invariant, at every point between two method calls: a member is visible exactly when <see cref="LaneMember.ShouldBeVisible"/>, and
/// the followed references of every visible member are counted once at their targets in the same lane. References are followed to
/// lower ranks only, so counts lie on no cycle and reach zero when the last referrer goes.
/// </remarks>
internal sealed partial class SpaceJournal
{
    private readonly Dictionary<Scope, ScopeLane> _lanes = [];

    /// <summary>Lanes that may have markers to trim after this epoch.</summary>
    private readonly HashSet<ScopeLane> _touched = [];

    private readonly List<Scope> _changed = [];

    private long _laneFloor;
    private long _laneFloorSequence;

    // What the counts in the lanes were made with. Types may learn of references at any time, from another thread; they count from the next epoch on.
    private readonly Dictionary<string, string[]> _followed = new(StringComparer.Ordinal);
    private int _followVersion;

    /// <summary>The lane of a scope, or null while nothing is known of the scope: it is empty from the floor of <see cref="CanResume"/> on.</summary>
    public ScopeLane? FindLane(Scope scope) => _lanes.GetValueOrDefault(scope);

    /// <summary>True when nothing of the scope was forgotten since a cursor, given as a revision, or as a sequence where it is known.</summary>
    public bool CanResume(Scope scope, long revision, long? sequence)
    {
        var (floor, floorSequence) = _lanes.TryGetValue(scope, out var lane)
            ? (lane.Lane.Floor, lane.Lane.FloorSequence)
            : (_laneFloor, _laneFloorSequence);
        return sequence is { } known ? floorSequence <= known : floor <= revision;
    }

    /// <summary>The scopes whose lanes the last epoch changed.</summary>
    public IReadOnlyCollection<Scope> ChangedScopes => _changed;

    /// <summary>How many lanes there are.</summary>
    public int LaneCount => _lanes.Count;

    private void UpdateLanes(KeyRecord record, Envelope? before)
    {
        if (!_hasScopeLanes)
        {
            return;
        }

        var after = record.Current;
        foreach (var scope in before?.Scopes ?? [])
        {
            if (after is null || !after.Scopes.Contains(scope))
            {
                _lanes[scope].Members[record.Id].Direct = false;
            }
        }

        foreach (var scope in after?.Scopes ?? [])
        {
            Member(Lane(scope), record).Direct = true;
        }

        // Counting references may add and remove members of other records, never of this one: a type does not refer to itself.
        for (var i = record.Members.Count - 1; i >= 0; i--)
        {
            Update(record.Members[i], before);
        }
    }

    /// <summary>Brings one member in line with its record, whose version was <paramref name="before"/> until now.</summary>
    private void Update(LaneMember member, Envelope? before)
    {
        var wasVisible = member.Visible;
        var after = member.Record.Current;
        member.Visible = member.ShouldBeVisible;
        if (member.Visible)
        {
            ReplaceEntry(member, LaneEntryKind.Upsert);
        }
        else if (wasVisible)
        {
            // What was not visible left before; the marker that is there says enough.
            // At a relay an object may be gone that has merely left: it may come back at its old revision.
            ReplaceEntry(member, after is null ? member.Record.Main!.Kind : LaneEntryKind.Left);
        }
        var old = wasVisible ? Followed(before) : [];
        var now = member.Visible ? Followed(after) : [];
        foreach (var target in now)
        {
            if (!old.Contains(target))
            {
                AddReferrer(member.Lane, target);
            }
        }

        foreach (var target in old)
        {
            if (!now.Contains(target))
            {
                RemoveReferrer(member.Lane, target);
            }
        }

        Release(member);
    }

    private void AddReferrer(ScopeLane lane, ObjectId target)
    {
        var member = Member(lane, FindOrAdd(target));
        member.Referrers++;
        if (!member.Visible && member.ShouldBeVisible)
        {
            member.Visible = true;
            ReplaceEntry(member, LaneEntryKind.Upsert);
            foreach (var next in Followed(member.Record.Current))
            {
                AddReferrer(lane, next);
            }
        }
    }

    private void RemoveReferrer(ScopeLane lane, ObjectId target)
    {
        var member = lane.Members[target];
        member.Referrers--;
        Debug.Assert(member.Referrers >= 0, "Each reference was counted once.");
        if (member.Visible && !member.ShouldBeVisible)
        {
            member.Visible = false;
            ReplaceEntry(member, LaneEntryKind.Left);
            foreach (var next in Followed(member.Record.Current))
            {
                RemoveReferrer(lane, next);
            }
        }

        Release(member);
    }

    private List<ObjectId> Followed(Envelope? envelope)
    {
        var followed = new List<ObjectId>();
        if (envelope is { References.IsEmpty: false } && _followed.TryGetValue(envelope.Id.Type, out var types))
        {
            foreach (var target in envelope.References)
            {
                // Once each, whatever the sender says: who counts a reference twice takes it back once.
                if (Array.IndexOf(types, target.Type) >= 0 && !followed.Contains(target))
                {
                    followed.Add(target);
                }
            }
        }

        return followed;
    }

    private void ReplaceEntry(LaneMember member, LaneEntryKind kind)
    {
        var lane = member.Lane;
        // A marker says how the object was in the lane, so that a session can tell whether it had asked for it.
        var direct = kind == LaneEntryKind.Upsert ? member.Direct : member.Entry!.Direct;
        var directSince = member.Entry is not { } before ? 0 : before.Direct == direct ? before.DirectSince : OpenSequence;
        if (member.Entry is not null)
        {
            lane.Lane.Remove(member.Entry);
        }

        var envelope = kind == LaneEntryKind.Upsert ? member.Record.Current : null;
        member.Entry = NewEntry(member.Record, kind, envelope, direct, directSince, member.Record.RemovedStamp);
        lane.Lane.Append(member.Entry);
        _touched.Add(lane);
    }

    private ScopeLane Lane(Scope scope)
    {
        if (!_lanes.TryGetValue(scope, out var lane))
        {
            _lanes.Add(scope, lane = new ScopeLane(scope, new Lane(_limits.ScopeMarkersMax, _laneFloor, _laneFloorSequence)));
        }

        return lane;
    }

    private static LaneMember Member(ScopeLane lane, KeyRecord record)
    {
        if (!lane.Members.TryGetValue(record.Id, out var member))
        {
            lane.Members.Add(record.Id, member = new LaneMember(lane, record) { Index = record.Members.Count });
            record.Members.Add(member);
        }

        return member;
    }

    private void Release(LaneMember member)
    {
        if (!member.IsIdle)
        {
            return;
        }

        // Swap with the last, so that leaving costs the same for a key in one lane and in a hundred thousand.
        var members = member.Record.Members;
        members[member.Index] = members[^1];
        members[member.Index].Index = member.Index;
        members.RemoveAt(members.Count - 1);
        member.Lane.Members.Remove(member.Record.Id);
        Release(member.Record);
    }

    private void TrimLanes()
    {
        _changed.Clear();
        foreach (var lane in _touched)
        {
            _changed.Add(lane.Scope);
            foreach (var dropped in lane.Lane.TrimMarkers() ?? [])
            {
                var member = lane.Members[dropped.Id];
                member.Entry = null;
                Release(member);
            }

            if (lane.Members.Count == 0)
            {
                // The next lane of this scope knows nothing of the markers this one dropped.
                _laneFloor = Math.Max(_laneFloor, lane.Lane.Floor);
                _laneFloorSequence = Math.Max(_laneFloorSequence, lane.Lane.FloorSequence);
                _lanes.Remove(lane.Scope);
            }
        }

        _touched.Clear();
    }

    /// <summary>
    /// Drops the markers of a scope that nobody follows any more; who follows it again later starts from the beginning. The lane stays, for its floor.
    /// </summary>
    public void ForgetMarkers(Scope scope)
    {
        if (!_lanes.TryGetValue(scope, out var lane))
        {
            return;
        }

        lane.Lane.RaiseFloor(Head, Sequence);
        foreach (var member in lane.Members.Values.Where(member => member.Entry is { IsMarker: true }).ToArray())
        {
            lane.Lane.Remove(member.Entry!);
            member.Entry = null;
            Release(member);
        }
    }

    private void RaiseLaneFloors(long revision, long sequence)
    {
        (_laneFloor, _laneFloorSequence) = (Math.Max(_laneFloor, revision), Math.Max(_laneFloorSequence, sequence));
        foreach (var lane in _lanes.Values)
        {
            lane.Lane.RaiseFloor(revision, sequence);
        }
    }

    /// <summary>Makes the lanes anew in the open epoch, so that every scope is synced again.</summary>
    public void FollowAnew()
    {
        if (_hasScopeLanes && _records.Count > 0)
        {
            RebuildLanes();
            HasChanges = true;
        }
    }

    /// <summary>
    /// Takes over which references to follow. Where that changes for objects that are here, the open epoch makes the lanes anew, and is one that
    /// changes something: floors must not rise above where cursors can get.
    /// </summary>
    private void TakeFollowed()
    {
        var version = _types.FollowVersion;
        if (!_hasScopeLanes || _followVersion == version)
        {
            return;
        }

        _followVersion = version;
        var isNews = false;
        foreach (var type in _types.All)
        {
            if (!_followed.GetValueOrDefault(type.Name, []).SequenceEqual(type.Followed))
            {
                _followed[type.Name] = type.Followed;
                isNews |= Snapshot.Table(type.Name).ByKey.Count > 0;
            }
        }

        if (isNews)
        {
            RebuildLanes();
            HasChanges = true;
        }
    }

    /// <summary>
    /// The references to follow changed (schema versions mixed on this node): makes all lanes anew. Their floors rise to this epoch, so
    /// sessions sync their scopes again.
    /// </summary>
    private void RebuildLanes()
    {
        foreach (var member in _lanes.Values.SelectMany(lane => lane.Members.Values))
        {
            member.Record.Members.Clear();
        }

        _lanes.Clear();
        _touched.Clear();
        RaiseLaneFloors(_openRevision, OpenSequence);
        foreach (var record in _records.Values.Where(record => record.Current is { Scopes.IsEmpty: false }).ToArray())
        {
            UpdateLanes(record, before: null);
        }

        foreach (var record in _records.Values.Where(record => record.IsIdle).ToArray())
        {
            Release(record);
        }
    }
}
