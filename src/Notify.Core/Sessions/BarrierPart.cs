namespace Notify.Core.Sessions;

/// <summary>What one session has to do with a wait: what it is asked, and what its peer has answered. Guarded by the mirror's lock.</summary>
internal sealed class BarrierPart(AppliedWait wait, ServerSession session, long number)
{
    public static Comparer<BarrierPart> ByName { get; } = Comparer<BarrierPart>.Create(static (one, other) =>
        string.CompareOrdinal(one.Session.Peer, other.Session.Peer) is not 0 and var order ? order : one.Number.CompareTo(other.Number));

    public AppliedWait Wait { get; } = wait;

    public ServerSession Session { get; } = session;

    /// <summary>Tells parts apart whose sessions are of one node.</summary>
    public long Number { get; } = number;

    /// <summary>The barrier's id in the session; 0 before it was sent.</summary>
    public ulong Id { get; set; }

    /// <summary>The peer is to be asked, or asked again.</summary>
    public bool IsDue { get; set; } = true;

    /// <summary>The peer has answered: <see cref="Pending"/> and <see cref="Names"/> are what it said last.</summary>
    public bool IsAnswered { get; set; }

    public long Pending { get; set; }

    public IReadOnlyList<string> Names { get; set; } = [];

    /// <summary>Nodes that are behind the peer since it answered last: they are counted until it answers again.</summary>
    public HashSet<NodeAttachment> Since { get; } = [];

    public bool IsFinished => IsAnswered && Pending == 0 && Since.Count == 0;
}
