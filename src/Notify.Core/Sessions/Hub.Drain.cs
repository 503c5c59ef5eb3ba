namespace Notify.Core.Sessions;

/// <summary>Going down on purpose: nodes that can go elsewhere do so before they are cut.</summary>
public sealed partial class Hub
{
    private long? _drainEndsAt;

    /// <summary>
    /// Takes no new sessions from now on, and tells every session that there is to leave until a time: see Drain in link.proto. What
    /// happens then is for the caller to do. A later call changes nothing.
    /// </summary>
    public void Drain(long endsAtMs)
    {
        lock (_mirror.Gate)
        {
            _drainEndsAt ??= endsAtMs;
        }

        foreach (var session in _sessions.OrderBy(session => session.NotifyId))
        {
            session.NoteDrain();
        }
    }

    /// <summary>
    /// Takes no new sessions from now on, and tells nobody. Shared objects of the nodes that are cut then stay for whoever they go to, as after <see cref="Drain"/>.
    /// </summary>
    public void Close(long nowMs)
    {
        lock (_mirror.Gate)
        {
            _drainEndsAt ??= nowMs;
        }
    }

    /// <summary>How many sessions are there whose nodes leave by themselves when they are told to.</summary>
    public int MovingSessionCount => _sessions.Count(session => session.Moves);

    /// <summary>This hub has said that it goes down.</summary>
    public bool IsDraining => DrainEndsAt is not null;

    /// <summary>When this hub goes down, or null.</summary>
    internal long? DrainEndsAt
    {
        get
        {
            lock (_mirror.Gate)
            {
                return _drainEndsAt;
            }
        }
    }
}
