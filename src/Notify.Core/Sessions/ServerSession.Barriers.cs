using Notify.Core.Protocol;
using Space = Notify.Core.Journal.Space;

namespace Notify.Core.Sessions;

/// <summary>What the peer is asked for those who wait here or above; see <see cref="Hub.BeginWait"/>.</summary>
internal sealed partial class ServerSession
{
    private ulong _lastBarrier;
    private (Space? Space, long Sent) _heartbeat;

    // Where nobody waits, which is nearly always, writing looks at this and at nothing else.
    private long _barriersFrom = long.MaxValue;

    /// <summary>The peer has nodes below it.</summary>
    public bool IsRelay => _hello is { Relay: true };

    /// <summary>What the peer is asked. Guarded by the mirror's lock.</summary>
    public List<BarrierPart> Barriers { get; } = [];

    /// <summary>There is something to ask, or one thing less. Called inside the mirror's lock.</summary>
    public void NoteBarriers(bool wake = true)
    {
        var from = long.MaxValue;
        foreach (var part in Barriers)
        {
            from = part.Wait.IsOver ? long.MinValue : part.IsDue ? Math.Min(from, part.Wait.Revision) : from;
            if (part.Wait.IsOver)
            {
                break;
            }
        }

        Volatile.Write(ref _barriersFrom, from);
        if (wake)
        {
            Wake();
        }
    }

    /// <summary>Barriers go out once the peer was sent everything up to their revision, and told so, so that it can answer at once.</summary>
    protected override bool TryWriteBarrier(FrameBuffer output)
    {
        var from = Volatile.Read(ref _barriersFrom);
        if (from == long.MaxValue || Senders.FirstOrDefault(static sender => sender.Kind == SpaceKind.Stored) is not { } stored || stored.Sent < from)
        {
            return false;
        }

        var told = _heartbeat.Space == stored.Space ? Math.Max(_heartbeat.Sent, stored.Bundled) : stored.Bundled;
        if (from > told)
        {
            _heartbeat = (stored.Space, stored.Sent);
            return WriteHeartbeat(output);
        }

        if (_hub.TakeBarrier(this, stored.Space, told, NextBarrier) is not { } barrier)
        {
            return false;
        }

        output.Write(new Frame { Barrier = barrier });
        return true;
    }

    private ulong NextBarrier() => ++_lastBarrier;
}
