using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Transport;

namespace Notify.Server.Status;

/// <summary>What a hub says about the nodes below it.</summary>
public static class LinkStatus
{
    /// <summary>Fills in the sessions, and adds their number to the counters.</summary>
    /// <param name="status">What to add to.</param>
    /// <param name="hub">The node's hub.</param>
    /// <param name="time">The clock that the hub's sessions run by.</param>
    public static void AddTo(NodeStatus status, Hub hub, TimeProvider time)
    {
        status.Counters ??= new LinkCounters();
        status.Counters.Sessions += hub.SessionsAccepted;
        var (now, nowMs) = (time.GetUtcNow(), LinkPump.NowMs(time));
        foreach (var session in hub.View())
        {
            var shown = new SessionStatus
            {
                Id = session.NotifyId,
                Peer = session.Peer,
                Role = session.Role,
                Address = session.Address,
                Connected = Timestamp.FromDateTimeOffset(now - TimeSpan.FromMilliseconds(nowMs - session.StartedAtMs)),
                Synced = session.Stored.Lag == 0 && session.Dynamic.Lag == 0 && session.Queued == 0,
                Attachment = session.Attachment,
                Carried = session.Carried,
                Queued = session.Queued,
            };
            shown.Applied.Add(Applied(SpaceKind.Stored, session.Stored));
            shown.Applied.Add(Applied(SpaceKind.Dynamic, session.Dynamic));
            status.Sessions.Add(shown);
        }
    }

    private static AppliedStatus Applied(SpaceKind kind, SessionProgress progress) =>
        new() { Kind = kind, Revision = progress.Applied, Lag = progress.Lag };
}
