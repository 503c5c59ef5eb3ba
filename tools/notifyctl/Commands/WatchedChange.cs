using Notify.Core.Protocol;
using Notify.Core.Types;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary>What became of an object.</summary>
/// <param name="Kind">added, changed, removed or left.</param>
/// <param name="Id">The object.</param>
/// <param name="Type">Its type; null where this program does not know it.</param>
/// <param name="Revision">Revision of the change.</param>
/// <param name="View">The object as it is now; null where it is gone.</param>
/// <param name="IsInitial">It was there when the watch began.</param>
internal sealed record WatchedChange(WatchedChangeKind Kind, ObjectId Id, KnownType? Type, long Revision, ObjectView? View, bool IsInitial);
