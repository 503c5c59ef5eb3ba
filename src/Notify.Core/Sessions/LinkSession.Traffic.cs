using Notify.Core.Protocol;
using Notify.Core.Sync;
using Notify.Core.Types;

namespace Notify.Core.Sessions;

/// <summary>Types that log their traffic: only nodes with their code know that they want to, and all others look at nothing.</summary>
internal abstract partial class LinkSession
{
    /// <summary>Raised by the pump for each change of a type with <see cref="ObjectType.LogsTraffic"/>. A sent one may yet be aborted.</summary>
    public event Action<ObjectTraffic>? Traffic;

    private void NoteReceived(BundleChanges frame)
    {
        if (Traffic is not { } raise || !Mirror.Types.LogsTraffic)
        {
            return;
        }

        foreach (var change in frame.Changes)
        {
            if (_peerTypes.GetValueOrDefault(change.Type) is { ObjectType.LogsTraffic: true } type)
            {
                raise(new ObjectTraffic(false, new ObjectId(type.Name, change.Key), change.Removed != RemovalReason.None, change.Revision));
            }
        }
    }

    private void NoteSent(OutgoingChange change)
    {
        if (Traffic is { } raise && Mirror.Types.Find(change.Id.Type) is { ObjectType.LogsTraffic: true })
        {
            raise(new ObjectTraffic(true, change.Id, change.Envelope is null, change.Revision));
        }
    }
}
