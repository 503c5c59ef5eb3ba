using Notify.Core.Protocol;

namespace Notify.Core.Sessions;

/// <summary>How far a node below is with one space.</summary>
/// <param name="Applied">It has applied everything of its interest up to here.</param>
/// <param name="Head">The newest revision of the space at the hub.</param>
public readonly record struct SessionProgress(long Applied, long Head)
{
    /// <summary>How many revisions the node has not applied yet; not a time, and not a number of objects that it wants.</summary>
    public long Lag => Math.Max(0, Head - Applied);

    internal static SessionProgress Of(ServerSession session, SpaceKind kind)
    {
        var (sent, bundled, head) = session.Progress(kind);
        var acknowledged = session.AppliedByPeer(kind);

        // Where there was nothing to send, there is nothing to wait for either.
        return new SessionProgress(acknowledged >= bundled ? Math.Max(acknowledged, sent) : acknowledged, head);
    }
}
