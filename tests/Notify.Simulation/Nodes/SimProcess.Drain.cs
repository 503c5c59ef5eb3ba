using Notify.Core.Sessions;
using Notify.Simulation.Network;

namespace Notify.Simulation.Nodes;

/// <summary>Stopping on purpose, and leaving somebody who does, as the production host and link do it.</summary>
internal sealed partial class SimProcess
{
    private const int RetryMs = 20;

    private SimLink? _newer;
    private long _drainEndsAtMs;

    /// <summary>When it was told to stop, by the world's clock; null: it was not.</summary>
    public long? DrainedAtMs { get; private set; }

    /// <summary>The node is told to stop: calls back when the nodes below have left, or the time is over.</summary>
    public void Drain(int deadlineMs, Action drained)
    {
        DrainedAtMs = _world.NowMs;
        Hub!.Drain(NowMs + deadlineMs);
        AwaitDrained(NowMs + deadlineMs, drained);
    }

    /// <summary>The server of the link in use goes down.</summary>
    public void OnDraining(SimLink link, long deadlineMs)
    {
        if (link == Link && _policy!.HasOthers && !_isLeaving)
        {
            _drainEndsAtMs = NowMs + deadlineMs;
            _world.Schedule(_policy.Leave(deadlineMs), () => HandOver(link));
        }
    }

    /// <summary>A link has been welcomed. If it was to take over, it has.</summary>
    public void OnOpened(SimLink link)
    {
        if (link == _newer)
        {
            (Link, _newer) = (link, null);
            _policy!.HasLeft();
        }
    }

    private void HandOver(SimLink from)
    {
        if (!IsAlive || _isLeaving || Link != from || _newer is not null || from.Client.End is not null || NowMs >= _drainEndsAtMs)
        {
            return;
        }

        if (IsFrozen || !from.Client.TryPause())
        {
            _world.Schedule(RetryMs, () => HandOver(from));
            return;
        }

        if (from.Older is { Client.End: null } standing)
        {
            standing.Cut(); // Two at most.
        }

        _world.Add(_newer = new SimLink(_world, this, _world.Nodes[_policy!.Address], from));
    }

    /// <summary>A link that stood after another one had taken over, or one that was to take over and was not welcomed.</summary>
    private void OnOtherSessionEnded(SimLink link, SessionEnd end)
    {
        if (link != _newer)
        {
            return;
        }

        _newer = null;
        var waitMs = _policy!.Ended(end, openMs: null, link.Client.RetryAfterMs);
        if (Link!.Client.End is null)
        {
            _world.Schedule(waitMs, () => HandOver(Link!));
        }
        else if (!_isLeaving)
        {
            _policy.HasLeft();
            _world.Schedule(waitMs, Connect);
        }
    }

    private void AwaitDrained(long endsAtMs, Action drained)
    {
        if (!IsAlive)
        {
            return;
        }

        if (NowMs >= endsAtMs || (!IsFrozen && Hub!.MovingSessionCount == 0))
        {
            _world.Schedule(_world.Random.Next(300), () =>
            {
                if (IsAlive && !_isLeaving)
                {
                    drained();
                }
            });
            return;
        }

        _world.Schedule(RetryMs, () => AwaitDrained(endsAtMs, drained));
    }
}
