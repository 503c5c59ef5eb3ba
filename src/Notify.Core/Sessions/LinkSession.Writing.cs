using Notify.Core.Protocol;

namespace Notify.Core.Sessions;

/// <summary>What a session writes next: what was asked for first, then signs of life and progress, then declarations before the bundles that use them.</summary>
internal abstract partial class LinkSession
{
    /// <summary>A peer that tolerates next to no silence, or does not say how much, does not get to have us send all the time.</summary>
    private long HeartbeatEveryMs =>
        PeerSilenceMs == 0 ? Limits.HeartbeatMs : Math.Clamp(PeerSilenceMs / 3, Math.Min(100, Limits.HeartbeatMs), Limits.HeartbeatMs);

    private bool TryWriteNext(FrameBuffer output)
    {
        if (IsOpen
            && _control.TryPeek(out var next)
            && next.KindCase == Frame.KindOneofCase.InterestChange
            && TryWriteDeclaration(output))
        {
            return true; // Interest in a type says nothing before the type is declared.
        }

        if (IsRetired && TryWriteMessage(output))
        {
            return true; // Before the goodbye, which may be the next in the queue.
        }

        if (_control.TryDequeue(out var control))
        {
            output.Write(control);
            return true;
        }

        if (_endAfterControl is { } end)
        {
            EndWith(end.Code, end.Reason);
            return false;
        }

        return IsOpen
            && (TryWriteHeartbeat(output)
                || (!IsRetired
                    && (TryWriteProgress(output)
                        || TryWriteMessage(output)
                        || TryWriteDeclaration(output)
                        || TryWriteBarrier(output)
                        || TryWriteBundle(output)
                        || TryWriteAttached(output)
                        || TryWriteBarrier(output)))); // Looking for bundles has passed over what does not concern the peer.
    }

    /// <summary>There is something to say in a heartbeat that should not wait for the next one.</summary>
    protected void TellSoon()
    {
        _nextHeartbeatAt = NowMs;
        Wake();
    }

    private bool TryWriteHeartbeat(FrameBuffer output) => NowMs >= _nextHeartbeatAt && WriteHeartbeat(output);

    /// <summary>Says how far the peer is, also where there was nothing to send it.</summary>
    protected bool WriteHeartbeat(FrameBuffer output)
    {
        _nextHeartbeatAt = NowMs + HeartbeatEveryMs;
        foreach (var sender in _senders)
        {
            sender.Prepare(); // Passes over what does not concern the peer, so that it learns how far it is.
        }

        NoteBehind();
        var heartbeat = new Heartbeat();
        heartbeat.Spaces.Add(_senders.Select(sender => new SpaceProgress
        {
            Space = sender.Kind,
            Sent = sender.Sent,
            Head = sender.Head,
            Behind = sender.IsBehind,
            Queued = (uint)(sender.Distance?.Invoke() ?? 0),
        }));
        output.Write(new Frame { Heartbeat = heartbeat });
        OnPeerProgress();
        return true;
    }

    /// <summary>The peer is ahead from the handshake on or not at all, and the first heartbeat goes out an interval later.</summary>
    private void NoteBehind()
    {
        if (!_isPeerAhead && Array.Find(_senders, static sender => sender.IsBehind) is { } behind)
        {
            _isPeerAhead = true;
            PeerAhead?.Invoke(behind.NotBefore, behind.Head);
        }
    }

    /// <summary>Types that became known since the handshake, or refer to more since, go out before a bundle can use them.</summary>
    private bool TryWriteDeclaration(FrameBuffer output)
    {
        if (Mirror.Types.News.Length == _declared)
        {
            return false;
        }

        var declare = new Declare();
        declare.Types_.Add(TakeNews().Select(WireTypes.ToWire));
        OnTypesDeclared();
        output.Write(new Frame { Declare = declare });
        return true;
    }

    protected virtual void OnTypesDeclared()
    {
    }

    protected virtual bool TryWriteBarrier(FrameBuffer output) => false;

    protected virtual bool TryWriteAttached(FrameBuffer output) => false;

    private bool TryWriteBundle(FrameBuffer output)
    {
        // In turn, so that a large bundle of one space does not keep the other waiting.
        for (var i = 0; i < _senders.Length; i++)
        {
            _turn = (_turn + 1) % _senders.Length;
            if (_senders[_turn].Prepare())
            {
                // A type may have become known between the last look and the cut, or a node below attached.
                if (!TryWriteDeclaration(output) && !TryWriteAttached(output))
                {
                    _senders[_turn].Write(output, NowMs);
                }

                return true;
            }
        }

        return false;
    }
}
