using Notify.Core.Protocol;
using Notify.Core.Transport;
using Barrier = Notify.Core.Protocol.Barrier;

namespace Notify.Core.Sessions;

/// <summary>Barriers of the peer: what it waits for here, and what it was answered.</summary>
internal abstract partial class LinkSession
{
    /// <summary>Nodes below a relay answer one by one; the peer is told no more often than this, but of the first and of the last at once.</summary>
    private const int BarrierReplyEveryMs = 100;

    private readonly Dictionary<ulong, AskedBarrier> _barriers = [];

    /// <summary>How many barriers of the peer are not done with.</summary>
    internal int BarrierCount => _barriers.Count;

    /// <summary>Answers for the subtree, where the peer asks for it; null: for this node alone.</summary>
    protected virtual AppliedWait? BeginWait(Barrier barrier) => null;

    /// <summary>When the next reply falls due that had to wait.</summary>
    protected long NextBarrierReplyAt =>
        _barriers.Values.Where(barrier => barrier.Wait is { } wait && wait.Version != barrier.ToldVersion).Select(barrier => barrier.NextAt).DefaultIfEmpty(long.MaxValue).Min();

    private void HandleBarrier(Barrier barrier)
    {
        if (barrier.Withdrawn)
        {
            if (_barriers.Remove(barrier.Id, out var withdrawn))
            {
                withdrawn.Dispose();
            }

            return;
        }

        if (!_barriers.TryGetValue(barrier.Id, out var asked))
        {
            if (_barriers.Count >= Limits.BarriersMax)
            {
                throw new RefusedException(GrpcStatusCode.ResourceExhausted, $"{Peer} has {Limits.BarriersMax} barriers under way, the limit.");
            }

            _barriers.Add(barrier.Id, asked = new AskedBarrier(barrier));
            asked.Wait = BeginWait(barrier);
            if (asked is { Wait: null, IsUnknown: false })
            {
                WatchOwn(asked);
            }
        }

        asked.NextAt = long.MinValue; // Asked again, it is answered again, at once.
        asked.Told = null;
    }

    private void EndBarriers()
    {
        foreach (var barrier in _barriers.Values)
        {
            barrier.Dispose();
        }

        _barriers.Clear();
    }

    /// <summary>
    /// This node alone is asked for. What it asks for of the store has to be there; of a space that it mirrors nothing of, that it has acknowledged the
    /// revision is all there is to say.
    /// </summary>
    private void WatchOwn(AskedBarrier barrier)
    {
        if (barrier.Asked.Space == SpaceKind.Stored && barrier.Asked.Revision > 0 && Mirror.AsksForStored && Mirror.Snapshot().StoredSpace is { } space)
        {
            barrier.IsWatched = true;
            barrier.Watch = Mirror.WhenHandled(space, barrier.Asked.Revision, () =>
            {
                barrier.IsApplied = Mirror.Snapshot().StoredSpace == space;
                Wake();
            });
        }
    }

    private bool TryWriteBarrierReply(FrameBuffer output)
    {
        if (_barriers.Count == 0)
        {
            return false;
        }

        foreach (var barrier in _barriers.Values)
        {
            if ((barrier.Wait is null ? ReplyOf(barrier) : ReplyOf(barrier, barrier.Wait)) is { } reply)
            {
                output.Write(new Frame { BarrierReply = reply });
                return true;
            }
        }

        return false;
    }

    /// <summary>The reply for this node alone: at once, and again when nothing is pending.</summary>
    private BarrierReply? ReplyOf(AskedBarrier barrier)
    {
        var isApplied = barrier.IsWatched ? barrier.IsApplied : !barrier.IsUnknown && HasAcknowledged(barrier.Asked);
        if (barrier.Told == (isApplied ? 0 : 1))
        {
            return null;
        }

        barrier.Told = isApplied ? 0 : 1;
        var reply = new BarrierReply { Id = barrier.Asked.Id };
        if (isApplied)
        {
            _barriers.Remove(barrier.Asked.Id); // Asked again, it is a new one.
            barrier.Dispose();
        }
        else
        {
            reply.Pending = 1;
            reply.PendingNodes.Add(Mirror.Node);
        }

        return reply;
    }

    private bool HasAcknowledged(Barrier asked) =>
        asked.Revision <= 0 || (_receipts.TryGetValue(asked.Space, out var pending) && pending.Applied >= asked.Revision);

    /// <summary>The reply for the subtree. Nodes may come as long as the peer waits, so it is not over when nothing is pending.</summary>
    private BarrierReply? ReplyOf(AskedBarrier barrier, AppliedWait wait)
    {
        if (wait.Version == barrier.ToldVersion && barrier.Told is not null)
        {
            return null;
        }

        if (NowMs < barrier.NextAt && !wait.MayBeApplied)
        {
            return null;
        }

        AppliedProgress progress;
        try
        {
            barrier.ToldVersion = wait.Version;
            progress = wait.Progress();
        }
        catch (WaitReplacedException)
        {
            // The store has another incarnation now. This node learned that from above, where the same ends the wait that asks here.
            return null;
        }

        barrier.NextAt = NowMs + BarrierReplyEveryMs;
        if (progress.IsApplied && barrier.Told == 0)
        {
            return null;
        }

        barrier.Told = progress.Pending;
        var reply = new BarrierReply { Id = barrier.Asked.Id, Pending = (uint)progress.Pending };
        reply.PendingNodes.Add(progress.PendingNodes);
        return reply;
    }

    /// <param name="asked">What was asked.</param>
    private sealed class AskedBarrier(Barrier asked) : IDisposable
    {
        private volatile bool _isApplied;

        public Barrier Asked { get; } = asked;

        /// <summary>The mirror tells when it has applied the revision.</summary>
        public bool IsWatched { get; set; }

        public IDisposable? Watch { get; set; }

        /// <summary>The mirror has applied the revision. Set from any thread.</summary>
        public bool IsApplied
        {
            get => _isApplied;
            set => _isApplied = value;
        }

        /// <summary>The subtree's wait; null: this node alone is asked for.</summary>
        public AppliedWait? Wait { get; set; }

        /// <summary>The selector is not understood here: nothing can be said of anybody, so the node itself stays pending.</summary>
        public bool IsUnknown => Wait is null && Asked.NodeSelector.Length > 0;

        /// <summary>How many were pending in the last reply; null before the first.</summary>
        public long? Told { get; set; }

        public long ToldVersion { get; set; } = -1;

        public long NextAt { get; set; }

        public void Dispose()
        {
            Wait?.Dispose();
            Watch?.Dispose();
        }
    }
}
