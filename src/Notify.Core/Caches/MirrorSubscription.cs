namespace Notify.Core.Caches;

/// <summary>
/// A handler's place in the changes of a mirror. Dispose to end it; a call that is under way goes on and may end after that.
/// </summary>
public sealed class MirrorSubscription : IDisposable
{
    private const int Idle = 0;
    private const int Scheduled = 1;
    private const int ScheduledAgain = 2;

    private readonly Mirror _mirror;
    private readonly Action<MirrorChange> _handler;

    // Written by the one call that runs at a time; the state word's barriers order it between threads.
    private MirrorSnapshot _seen;
    private long _handledNumber;
    private int _state = Idle;
    private volatile bool _disposed;

    internal MirrorSubscription(Mirror mirror, Action<MirrorChange> handler, MirrorSnapshot seen) =>
        (_mirror, _handler, _seen, _handledNumber) = (mirror, handler, seen, seen.Number);

    /// <summary>The number of the newest view that the handler has returned for.</summary>
    public long HandledNumber => Volatile.Read(ref _handledNumber);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _mirror.Unsubscribe(this);
    }

    /// <summary>Has the handler called, soon and on its own, unless it is going to be anyway.</summary>
    internal void Schedule()
    {
        // Idle -> Scheduled starts a run; during one, ScheduledAgain asks it for another round, so no change is slept over.
        if (Interlocked.CompareExchange(ref _state, Scheduled, Idle) == Idle)
        {
            _mirror.Execute(Run);
        }
        else if (Interlocked.CompareExchange(ref _state, ScheduledAgain, Scheduled) == Idle)
        {
            Schedule();
        }
    }

    private void Run()
    {
        do
        {
            Volatile.Write(ref _state, Scheduled);
            if (_disposed)
            {
                return;
            }

            Interlocked.MemoryBarrier();
            if (_mirror.Snapshot().Number > _handledNumber)
            {
                Deliver();
            }
        }
        while (Interlocked.CompareExchange(ref _state, Idle, Scheduled) != Scheduled);
    }

    private void Deliver()
    {
        var change = _mirror.Difference(_seen);
        if (change.Changes.Count > 0)
        {
            try
            {
                _handler(change);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                foreach (var refused in change.Changes)
                {
                    _mirror.Reject(refused, e);
                }
            }
        }

        _seen = change.After;
        Volatile.Write(ref _handledNumber, change.After.Number);
        _mirror.OnHandled();
    }
}
