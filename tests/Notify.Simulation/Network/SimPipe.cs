using Notify.Core.Sessions;
using Notify.Simulation.Plans;

namespace Notify.Simulation.Network;

/// <summary>
/// One direction of a connection: frames arrive in the order they were sent, each after a delay of its own, and the sender can be no more than
/// a window ahead of the reader. The end of the stream comes after the last frame.
/// </summary>
internal sealed class SimPipe(World world, SimLink link, bool isDown)
{
    private readonly Queue<Parcel> _parcels = new();
    private long _lastArrivalMs;
    private long _stalledUntilMs;
    private bool _isDelivering;
    private bool _isCut;

    public bool CanSend => _parcels.Count < world.Faults.WindowFrames;

    /// <summary>The reader does not read for a while.</summary>
    public void Stall(long forMs) => _stalledUntilMs = Math.Max(_stalledUntilMs, world.NowMs + forMs);

    public void Resume() => _stalledUntilMs = 0;

    public void Send(byte[] frame) => Enqueue(new Parcel(NextArrival(), frame, null));

    public void SendEnd(SessionEnd end) => Enqueue(new Parcel(NextArrival(), null, end));

    /// <summary>The wire is cut: what is on its way is lost, and the end, if the reader is to notice one, arrives soon.</summary>
    public void Cut(SessionEnd? noticed)
    {
        _isCut = true;
        _parcels.Clear();
        if (noticed is not null)
        {
            world.Schedule(world.Random.Next(50), () => NoticeEnd(noticed));
        }
    }

    private void NoticeEnd(SessionEnd end)
    {
        if (link.IsFrozen(isDown))
        {
            world.Schedule(100, () => NoticeEnd(end));
            return;
        }

        link.EndAt(isDown, end);
    }

    private long NextArrival()
    {
        var delay = world.Faults.DelayMaxMs == 0 ? 0 : world.Random.Next(world.Faults.DelayMaxMs + 1);
        if (delay > 0)
        {
            world.Fire(FaultKind.Delay);
        }

        return _lastArrivalMs = Math.Max(_lastArrivalMs, world.NowMs + 1 + delay);
    }

    private void Enqueue(Parcel parcel)
    {
        if (_isCut)
        {
            return;
        }

        parcel.Sequence = world.NextParcel();
        _parcels.Enqueue(parcel);
        Continue();
    }

    private void Continue()
    {
        if (!_isDelivering && _parcels.TryPeek(out var head))
        {
            _isDelivering = true;
            world.Schedule(head.ArrivesAtMs - world.NowMs, Deliver);
        }
    }

    private void Deliver()
    {
        _isDelivering = false;
        if (_isCut || !_parcels.TryPeek(out var head))
        {
            return;
        }

        if (world.NowMs < _stalledUntilMs || link.IsConnecting(isDown) || link.IsPaused(isDown) || link.IsFrozen(isDown) || world.IsBlocked(link.BelowName, link.AboveName, isDown))
        {
            _isDelivering = true;
            world.Schedule(link.IsConnecting(isDown) || link.IsPaused(isDown) ? 5 : 100, Deliver);
            return;
        }

        _parcels.Dequeue();
        if (head.Frame is { } frame)
        {
            world.NoteArrival(head);
            link.Deliver(isDown, frame);
        }
        else
        {
            link.EndAt(isDown, head.End!);
        }

        Continue();
    }

    internal sealed record Parcel(long ArrivesAtMs, byte[]? Frame, SessionEnd? End)
    {
        /// <summary>Its place among everything that was ever sent in the world.</summary>
        public long Sequence { get; set; }
    }
}
