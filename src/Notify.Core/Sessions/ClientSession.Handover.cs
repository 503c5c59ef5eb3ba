using Notify.Core.Sync;
using Notify.Core.Transport;
using SpaceKind = Notify.Core.Protocol.SpaceKind;

namespace Notify.Core.Sessions;

/// <summary>
/// Moving to another server while the session with the one before goes on: make before break. The new session says hello while the old one is
/// paused, so that where it resumes is where the mirror still is when it is welcomed. From then on the old one only stands there, so
/// that what it carried stays where it went until that is known from the new one.
/// </summary>
internal sealed partial class ClientSession
{
    /// <summary>How long to wait for a fence where the server has not said when it goes down.</summary>
    private const int FencePatienceMs = 1000;

    private readonly ClientSession? _older;
    private volatile Phase _phase;
    private volatile bool _newerHasSaidAll;
    private volatile SessionEnd? _newerEnd;
    private bool _isStopped;
    private bool _hasSaidAll;
    private long? _saidAllAt;
    private long? _drainEndsAt;
    private long? _goodbyeAt;

    private enum Phase
    {
        Feeding = 0,
        Paused = 1,
        Retired = 2,
    }

    /// <summary>Raised by the pump when the server has said that it goes down, with the milliseconds until then.</summary>
    public event Action<long>? Draining;

    /// <inheritdoc/>
    public override bool IsPaused => _phase == Phase.Paused;

    /// <inheritdoc/>
    public override bool IsRetired => _phase == Phase.Retired;

    protected override long NextOwnTickAt => Math.Min(_goodbyeAt ?? long.MaxValue, NextBarrierReplyAt);

    /// <summary>
    /// Stops taking what comes, so that another session can be opened that goes on from here. False where that has to wait: the session is not open, or
    /// the server has yet to answer a change of interest, which a next session could not go on from. Called by the pump.
    /// </summary>
    public bool TryPause()
    {
        if (!IsOpen || End is not null || _phase != Phase.Feeding || !Mirror.IsInterestSettled)
        {
            return false;
        }

        _phase = Phase.Paused;
        return true;
    }

    protected override void TickOwn()
    {
        RetireIfDue();
        NoteSaid();
        if (_goodbyeAt <= NowMs && !SaidGoodbye)
        {
            SayGoodbye("The node has gone elsewhere.");
        }
    }

    protected override void OnPeerProgress() => NoteSaid();

    private void NoteDrain(uint deadlineMs)
    {
        _drainEndsAt = NowMs + deadlineMs;
        Draining?.Invoke(deadlineMs);
    }

    /// <summary>This session counts now, and the older one no more. The older one's pump draws the conclusions.</summary>
    private void RetireOlder()
    {
        if (_older is { } older)
        {
            // The interest may have changed between its pause and our listening.
            Volatile.Write(ref _interestIsDirty, true);
            older.NoteListening(NowMs);
            older._phase = Phase.Retired;
            older.Wake();
        }
    }

    /// <summary>The end of this session is one for the older one, too; where this one was never welcomed, that goes on instead.</summary>
    private void LeaveOlder(SessionEnd end)
    {
        if (_older is not { } older)
        {
            return;
        }

        if (IsOpen)
        {
            older._newerEnd = end;
        }
        else
        {
            older.NoteListening(NowMs);
            older._phase = Phase.Feeding;
        }

        older.Wake();
    }

    private void RetireIfDue()
    {
        if (!IsRetired)
        {
            return;
        }

        if (!_isStopped)
        {
            _isStopped = true;
            StopSending();
        }

        if (_newerEnd is { } end && !SaidGoodbye)
        {
            // Nobody feeds the mirror any more. What this session carries is as old as that one is, and goes the same way.
            if (end.Code == GrpcStatusCode.Ok)
            {
                SayGoodbye(end.Reason);
            }
            else
            {
                RequestEnd(GrpcStatusCode.Unavailable, "The session that has taken over has ended.");
            }
        }
        else if (_newerHasSaidAll && _goodbyeAt is null)
        {
            // What the new server has committed may still be on its way to a hub above both, and a goodbye could overtake it there. That hub fences this
            // session when it has everything; where there is none, this is how long to wait for it.
            _goodbyeAt = NowMs + (_drainEndsAt is { } endsAt ? Math.Max(0, endsAt - NowMs) / 2 : FencePatienceMs);
        }
    }

    /// <summary>Tells the older session when the server has acknowledged everything that this node says.</summary>
    private void NoteSaid()
    {
        if (_older is not { } older || _hasSaidAll || _upward is not { } upward)
        {
            return;
        }

        if (_saidAllAt is null && upward.Items.All(item => item.Told == Completeness.Complete))
        {
            _saidAllAt = upward.Bundled;
        }

        // A bundle at revision 0 has nothing in it, and is not acknowledged.
        if (_saidAllAt is { } revision && (revision == 0 || AppliedByPeer(SpaceKind.Dynamic) >= revision))
        {
            _hasSaidAll = older._newerHasSaidAll = true;
            older.Wake();
        }
    }
}
