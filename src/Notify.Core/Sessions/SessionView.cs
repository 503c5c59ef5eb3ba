using Notify.Core.Protocol;

namespace Notify.Core.Sessions;

/// <summary>What a hub shows of one session with a node below it. Immutable.</summary>
public sealed record SessionView
{
    /// <summary>Number of the session at this hub.</summary>
    public required long NotifyId { get; init; }

    /// <summary>Name of the node below.</summary>
    public required string Peer { get; init; }

    /// <summary>Role of the node below.</summary>
    public required string Role { get; init; }

    /// <summary>Address that the node calls from.</summary>
    public required string Address { get; init; }

    /// <summary>When the session began, in milliseconds of the hub's clock.</summary>
    public required long StartedAtMs { get; init; }

    /// <summary>Number of the session as the node counts them.</summary>
    public required long Attachment { get; init; }

    /// <summary>How many objects the session carries up.</summary>
    public required int Carried { get; init; }

    /// <summary>How far the node is from its turn to be sent the store's objects from the beginning, at most; 0: it does not wait for that.</summary>
    public required int Queued { get; init; }

    /// <summary>How far the node is with the store's revisions.</summary>
    public required SessionProgress Stored { get; init; }

    /// <summary>How far the node is with the hub's own revisions.</summary>
    public required SessionProgress Dynamic { get; init; }

    internal static SessionView Of(ServerSession session) => new()
    {
        NotifyId = session.NotifyId,
        Peer = session.Peer,
        Role = session.PeerRole,
        Address = session.Address,
        StartedAtMs = session.StartedAt,
        Attachment = session.Attachment,
        Carried = session.Carried,
        Queued = session.QueuedFor,
        Stored = SessionProgress.Of(session, SpaceKind.Stored),
        Dynamic = SessionProgress.Of(session, SpaceKind.Dynamic),
    };
}
