using Notify.Core.Sessions;
using Notify.Simulation.Nodes;

namespace Notify.Simulation.Network;

/// <summary>One side of a connection: pumps its session as the production pump does, when it was woken, has received or time has passed.</summary>
internal sealed class SimEnd
{
    private const int HeldTickMs = 100;

    private readonly World _world;
    private readonly SimLink _link;
    private readonly SimPipe _out;
    private readonly bool _isBelow;
    private readonly Action _pump;
    private LinkSession? _session;
    private bool _pumpIsDue;
    private long _tickAtMs = long.MaxValue;
    private bool _isClosed;

    public SimEnd(World world, SimLink link, SimProcess process, SimPipe output, bool isBelow)
    {
        (_world, _link, Process, _out, _isBelow) = (world, link, process, output, isBelow);
        _pump = Pump;
    }

    public SimProcess Process { get; }

    public LinkSession Session => _session!;

    public bool IsLive => Process.IsAlive && Session.End is null;

    public void Start(LinkSession session)
    {
        _session = session;
        Wake();
    }

    public void Wake()
    {
        if (!_pumpIsDue && !_isClosed)
        {
            _pumpIsDue = true;
            _world.Schedule(0, _pump);
        }
    }

    public void Receive(byte[] frame)
    {
        if (Process.IsAlive)
        {
            Session.Receive(frame, Process.NowMs);
            Wake();
            AfterVisit();
        }
    }

    public void Disconnected(SessionEnd end)
    {
        if (Process.IsAlive)
        {
            Session.Disconnected(end, Process.NowMs);
            AfterVisit();
        }
    }

    /// <summary>Time has jumped: what is due is due now.</summary>
    public void OnClockJump() => ArmTick();

    private void Pump()
    {
        _pumpIsDue = false;
        if (!Process.IsAlive)
        {
            return;
        }

        if (Process.IsFrozen)
        {
            _pumpIsDue = true;
            _world.Schedule(Process.FrozenUntilMs - _world.NowMs, _pump);
            return;
        }

        while (_out.CanSend && Session.TryWrite(Process.NowMs, out var frame))
        {
            _link.Send(!_isBelow, frame);
        }

        AfterVisit();
        ArmTick();
    }

    private void AfterVisit()
    {
        if (Session.End is { } end && !_isClosed)
        {
            _isClosed = true;
            _out.SendEnd(_isBelow && end.Code != Core.Transport.GrpcStatusCode.Ok
                ? new SessionEnd(Core.Transport.GrpcStatusCode.Unavailable, "closed")
                : end);
            _link.OnClosed(this, end);
        }

        Process.AfterVisit();
    }

    private void ArmTick()
    {
        if (Session.End is null && Process.IsAlive)
        {
            var due = Math.Max(_world.NowMs + 1, Session.NextTickAt - Process.ClockOffsetMs);
            if (due < _tickAtMs)
            {
                _tickAtMs = due;
                _world.Schedule(due - _world.NowMs, () => Tick(due));
            }
        }
    }

    private void Tick(long dueMs)
    {
        if (_tickAtMs != dueMs)
        {
            return; // An earlier one was armed since.
        }

        _tickAtMs = long.MaxValue;
        if (_world.TimersAreHeld || Process.IsFrozen)
        {
            var later = _tickAtMs = _world.NowMs + HeldTickMs;
            _world.Schedule(HeldTickMs, () => Tick(later));
            return;
        }

        if (Process.IsAlive && Session.End is null)
        {
            Session.Tick(Process.NowMs);
            AfterVisit();
            Wake();
        }
    }
}
