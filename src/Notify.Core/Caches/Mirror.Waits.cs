using Notify.Core.Journal;

namespace Notify.Core.Caches;

/// <summary>Waiting for a revision of the stored space, for the first complete sync, and for the next view.</summary>
public sealed partial class Mirror
{
    private readonly List<MirrorWait> _waits = [];

    /// <summary>How many calls wait for a revision, a sync or the next view.</summary>
    public int WaitCount
    {
        get
        {
            lock (_gate)
            {
                return _waits.Count;
            }
        }
    }

    /// <summary>
    /// Completes when the mirror shows everything up to a revision of the store, within this node's interest. What is read from a snapshot
    /// taken after that has it. Revisions count in the space that the mirror follows at that moment.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before that.</exception>
    public Task WaitForStoredRevisionAsync(long revision, CancellationToken cancellationToken) =>
        WaitAsync(() => _current.StoredRevision >= revision, cancellationToken);

    /// <summary>
    /// Completes when <see cref="IsSynced"/> is true, with the view of that moment: what is missing in it does not exist, as far as the upstream knew.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before that.</exception>
    public async Task<MirrorSnapshot> WaitForSyncAsync(CancellationToken cancellationToken)
    {
        var view = _current;
        await WaitAsync(
            () =>
            {
                // Asked inside the lock, so that the view is the one that is complete.
                view = _current;
                return HasCompleteInterest;
            },
            cancellationToken).ConfigureAwait(false);
        return view;
    }

    /// <summary>Completes when there is a newer view than the given one, whether anything differs or not.</summary>
    internal Task WaitForViewAfterAsync(MirrorSnapshot view, CancellationToken cancellationToken) =>
        WaitAsync(() => _current.Number > view.Number, cancellationToken);

    /// <summary>
    /// Calls back once, outside the lock, when the mirror shows a revision of a space of the store, or follows another space. At once where it
    /// does already. Dispose the result to wait no more.
    /// </summary>
    internal IDisposable WhenShown(Space space, long revision, Action shown) =>
        When(() => _current.StoredSpace != space || _current.StoredRevision >= revision, shown);

    /// <summary>As <see cref="WhenShown"/>, when everything is there that is asked for up to the revision, and the handlers have returned for it.</summary>
    internal IDisposable WhenHandled(Space space, long revision, Action handled) => new HandledWait(
        this, () => _current.StoredSpace != space || (_current.StoredRevision >= revision && HasStoredInterest), handled);

    /// <summary>Calls back once, outside the lock, when the mirror knows a space of the store.</summary>
    internal IDisposable WhenSpaceIsKnown(Action known) => When(() => _current.StoredSpace is not null, known);

    private MirrorWait When(Func<bool> isReached, Action reached)
    {
        var wait = new MirrorWait(this, isReached, reached);
        lock (_gate)
        {
            if (!isReached())
            {
                _waits.Add(wait);
                return wait;
            }
        }

        wait.Reached();
        return wait;
    }

    private async Task WaitAsync(Func<bool> isReached, CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // Disposed whatever happens: a wait that nobody waits for any more must not stay until its revision comes, which may be never.
        using var wait = When(isReached, () => reached.TrySetResult());
        await reached.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes out the waits that the change ends. Called inside the lock; completed outside it.</summary>
    private MirrorWait[] TakeReachedWaits()
    {
        if (_waits.Count == 0)
        {
            return [];
        }

        var reached = new List<MirrorWait>();
        _waits.RemoveAll(wait =>
        {
            if (wait.IsReached())
            {
                reached.Add(wait);
                return true;
            }

            return false;
        });
        return [.. reached];
    }

    /// <param name="mirror">Whose wait it is.</param>
    /// <param name="isReached">Called inside the lock.</param>
    /// <param name="reached">Called outside it.</param>
    private sealed class MirrorWait(Mirror mirror, Func<bool> isReached, Action reached) : IDisposable
    {
        public Func<bool> IsReached { get; } = isReached;

        public Action Reached { get; } = reached;

        public void Dispose()
        {
            lock (mirror._gate)
            {
                mirror._waits.Remove(this);
            }
        }
    }

    /// <summary>Waits for the view first, then for the handlers of it.</summary>
    private sealed class HandledWait : IDisposable
    {
        private readonly Mirror _mirror;
        private readonly Action _handled;
        private readonly Action _look;
        private readonly MirrorWait _shown;
        private long _number;
        private int _isOver;

        public HandledWait(Mirror mirror, Func<bool> isReached, Action handled)
        {
            (_mirror, _handled, _look) = (mirror, handled, Look);
            _shown = mirror.When(isReached, OnShown);
        }

        public void Dispose()
        {
            Volatile.Write(ref _isOver, 1);
            _shown.Dispose();
            _mirror.ForgetHandledWake(_look);
        }

        private void OnShown()
        {
            _number = _mirror._current.Number;
            Look();
        }

        private void Look()
        {
            if (Volatile.Read(ref _isOver) != 0)
            {
                return;
            }

            if (_mirror.HandledNumber < _number)
            {
                // Registered, then looked at again: handlers that return in between are not missed.
                _mirror.WakeWhenHandled(_look);
                if (_mirror.HandledNumber < _number && Volatile.Read(ref _isOver) == 0)
                {
                    return;
                }
            }

            _mirror.ForgetHandledWake(_look);
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                _handled();
            }
        }
    }
}
