using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Simulation.Checkers;
using Notify.Simulation.Nodes;

namespace Notify.Simulation.Network;

/// <summary>One connection from a node to a hub, from the attempt on.</summary>
internal sealed class SimLink
{
    private readonly World _world;
    private readonly SimPipe _up;
    private readonly SimPipe _down;
    private readonly WireChecker _wire;
    private readonly UnknownNoise? _upNoise;
    private readonly UnknownNoise? _downNoise;
    private int? _damageDown;
    private int? _damageUp;
    private bool _wasDamaged;

    public SimLink(World world, SimProcess below, SimNode above, SimLink? older = null)
    {
        (_world, Number) = (world, ++world.Statistics.Sessions);
        (BelowName, AboveName, AboveNode) = (below.Node.Plan.Name, above.Plan.Name, above);
        (_up, _down) = (new SimPipe(world, this, isDown: false), new SimPipe(world, this, isDown: true));
        Below = new SimEnd(world, this, below, _up, isBelow: true);
        _wire = new WireChecker(world, this);
        if (below.Node.Plan.AddsUnknown)
        {
            (_upNoise, _downNoise) = (new UnknownNoise(world), new UnknownNoise(world));
        }

        Older = older;
        Client = new ClientSession(below.Mirror, below.Settings, below.Router, Below.Wake, below.NowMs, older?.Client);
        Client.Opened += () =>
        {
            (OpenedAtMs, SteadySinceMs) = (below.NowMs, world.NowMs);
            below.OnOpened(this);
        };
        Client.Draining += deadlineMs => below.OnDraining(this, deadlineMs);
        Below.Start(Client);
        world.Schedule(1 + world.Random.Next(world.Faults.DelayMaxMs + 1), Arrive);
    }

    public int Number { get; }

    public string BelowName { get; }

    public string AboveName { get; }

    public SimNode AboveNode { get; }

    /// <summary>The link that this one took over from, or is about to; null: there was none.</summary>
    public SimLink? Older { get; }

    public SimEnd Below { get; }

    public SimEnd? Above { get; private set; }

    public ClientSession Client { get; }

    public ServerSession? Server { get; private set; }

    public long? OpenedAtMs { get; private set; }

    /// <summary>When the session was opened, by the world's clock.</summary>
    public long? SteadySinceMs { get; private set; }

    /// <summary>How much of what the node publishes the hub has acknowledged over this link.</summary>
    public long AcknowledgedUp { get; set; }

    public WireChecker Wire => _wire;

    public bool IsOver => (!Below.Process.IsAlive || Client.End is not null) && Above is not { IsLive: true };

    public SimPipe Pipe(bool isDown) => isDown ? _down : _up;

    /// <summary>The next frame in a direction arrives damaged.</summary>
    public void Damage(bool isDown, int damage) => (isDown ? ref _damageDown : ref _damageUp) = damage;

    /// <summary>Frames wait for the hub to take the connection.</summary>
    public bool IsConnecting(bool isDown) => !isDown && Above is null && Below.IsLive;

    /// <summary>The node leaves what comes where it is, while it says hello elsewhere.</summary>
    public bool IsPaused(bool isDown) => isDown && Below.Process.IsAlive && Client is { End: null, IsPaused: true };

    /// <summary>The process that reads a direction does nothing now.</summary>
    public bool IsFrozen(bool isDown) => (isDown ? Below : Above)?.Process is { IsAlive: true, IsFrozen: true };

    /// <summary>A session wrote a frame.</summary>
    public void Send(bool isDown, ReadOnlyMemory<byte> frame)
    {
        _wire.OnSent(isDown, frame.Span);
        var noise = isDown ? _downNoise : _upNoise;
        if (noise is null)
        {
            Pipe(isDown).Send(frame.ToArray());
            return;
        }

        foreach (var changed in noise.Change(frame.Span))
        {
            Pipe(isDown).Send(changed);
        }
    }

    /// <summary>A frame has arrived.</summary>
    public void Deliver(bool isDown, byte[] frame)
    {
        var to = isDown ? Below : Above;
        if (to is null || !to.Process.IsAlive)
        {
            return;
        }

        _world.Statistics.DeliveredFrames++;
        _world.Trace.Mix(_world.NowMs, (Number * 2) + (isDown ? 1 : 0), frame);
        if (_world.Trace.KeepsText)
        {
            _world.Trace.Note(_world.NowMs, $"{(isDown ? $"{AboveName}->{BelowName}" : $"{BelowName}->{AboveName}")} #{Number} {FrameText.Of(frame)}");
        }

        ref var damaged = ref isDown ? ref _damageDown : ref _damageUp;
        if (damaged is { } damage && to.Session is { IsOpen: true, End: null })
        {
            damaged = null;
            _wasDamaged = true;
            DamagedFrame.Deliver(_world, to, frame, damage);
            return;
        }

        to.Receive(frame);
        _wire.OnDelivered(isDown, frame);
        to.Process.Check();
        // A place in the window is free.
        (isDown ? Above : Below)?.Wake();
    }

    /// <summary>The reader of a direction learns that the stream has ended.</summary>
    public void EndAt(bool isDown, SessionEnd end) => (isDown ? Below : Above)?.Disconnected(end);

    /// <summary>The connection breaks, and both sides notice.</summary>
    public void Cut()
    {
        var end = new SessionEnd(GrpcStatusCode.Unavailable, "The connection broke.");
        _up.Cut(end);
        _down.Cut(end);
    }

    /// <summary>A process is gone. Its kernel says so, unless the power went.</summary>
    public void OnDeath(SimProcess process, bool losesPower)
    {
        var end = losesPower ? null : new SessionEnd(GrpcStatusCode.Unavailable, "The connection was reset.");
        if (Below.Process == process)
        {
            _down.Cut(null);
            if (losesPower)
            {
                _up.Cut(null);
            }
            else
            {
                _up.SendEnd(end!);
            }
        }
        else if (Above?.Process == process)
        {
            Below.Process.NoteUnseen();
            _up.Cut(null);
            if (losesPower)
            {
                _down.Cut(null);
            }
            else
            {
                _down.SendEnd(end!);
            }
        }
    }

    public void OnClosed(SimEnd end, SessionEnd why)
    {
        _world.Trace.Note(_world.NowMs, $"{end.Process.Node.Plan.Name} ends #{Number}: {why.Code} {why.Reason}");
        if (why.Code == GrpcStatusCode.InvalidArgument && !_wasDamaged)
        {
            _world.Fail("protocol", $"{end.Process.Id} ended a session with a peer that did nothing wrong: {why.Reason}");
        }

        if (end == Below)
        {
            Below.Process.OnSessionEnded(this, why);
        }
        else if (Server!.NotifyId > 0)
        {
            Below.Process.NoteUnseen();
            _world.Sharing?.OnEnded(this, why);
            end.Process.Checker.OnSessionEnded(BelowName, isGoodbye: why.Code == GrpcStatusCode.Ok);
        }
    }

    private void Arrive()
    {
        if (!Below.IsLive)
        {
            return;
        }

        if (_world.IsBlocked(BelowName, AboveName, isDown: false) || AboveNode.IsSilent || AboveNode.Process is { IsAlive: true, IsFrozen: true })
        {
            _world.Schedule(200, Arrive);
            return;
        }

        if (AboveNode.Process is not { IsAlive: true, Hub: { } hub } above)
        {
            Below.Disconnected(new SessionEnd(GrpcStatusCode.Unavailable, "Connection refused."));
            return;
        }

        Above = new SimEnd(_world, this, above, _down, isBelow: false);
        Server = new ServerSession(above.Mirror, hub, above.Settings, above.Router, BelowName, Above.Wake, above.NowMs);
        Above.Start(Server);
        _up.Resume();
    }
}
