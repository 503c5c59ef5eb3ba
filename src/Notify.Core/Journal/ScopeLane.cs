using Notify.Core.Types;

namespace Notify.Core.Journal;

/// <summary>
/// The part of a journal that one scope needs: its objects of all types and what they refer to, counted by referrer. The closure belongs
/// to the scope, not to a session; sessions filter it. Guarded by the lock of its mirror.
/// </summary>
internal sealed class ScopeLane(Scope scope, Lane lane)
{
    public Scope Scope { get; } = scope;

    public Lane Lane { get; } = lane;

    public Dictionary<ObjectId, LaneMember> Members { get; } = [];
}
