using System.Diagnostics;

namespace Notify.Core.Sessions;

/// <summary>Waiting for the turn to be sent the store's objects from the beginning.</summary>
internal sealed partial class ServerSession
{
    private readonly FullSyncQueue.Place _place;
    private long? _turnSince;

    /// <summary>How far the peer is from its turn, at most; 0: it does not wait. Safe from any thread.</summary>
    public int QueuedFor
    {
        get
        {
            lock (Mirror.Gate)
            {
                return _hub.FullSyncs.DistanceOf(_place);
            }
        }
    }

    private bool MayBeginWhole()
    {
        Debug.Assert(Mirror.Gate.IsHeldByCurrentThread, "The queue is guarded by the mirror's lock.");
        if (_place.State == FullSyncQueue.PlaceState.None && !_hub.FullSyncs.TryEnter(_place))
        {
            TellSoon(); // That it waits is news to the peer.
        }

        return _place.State == FullSyncQueue.PlaceState.Taken;
    }

    private void LeaveFullSyncs()
    {
        _turnSince = null;
        lock (Mirror.Gate)
        {
            _hub.FullSyncs.Leave(_place);
        }
    }

    /// <summary>It is the peer's turn, and it does not even read so far that a cut is taken: the next one has it, and this one waits anew.</summary>
    private void LeaveIfTurnIsNotTaken()
    {
        bool isUnused;
        lock (Mirror.Gate)
        {
            isUnused = _place.State == FullSyncQueue.PlaceState.Taken && !Senders.Any(sender => sender.HasTurn);
        }

        _turnSince = isUnused ? _turnSince ?? NowMs : null;
        if (NowMs - _turnSince >= Limits.StallMs)
        {
            LeaveFullSyncs();
        }
    }
}
