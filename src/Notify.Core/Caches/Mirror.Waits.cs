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
    /// Completes when <see cref="IsSynced"/> is true: what is missing then does not exist, as far as the upstream knows.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before that.</exception>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => WaitAsync(() => HasCompleteInterest, cancellationToken);

    /// <summary>Completes when there is a newer view than the given one, whether anything differs or not.</summary>
    internal Task WaitForViewAfterAsync(MirrorSnapshot view, CancellationToken cancellationToken) =>
        WaitAsync(() => _current.Number > view.Number, cancellationToken);

    private Task WaitAsync(Func<bool> isReached, CancellationToken cancellationToken)
    {
        MirrorWait wait;
        lock (_gate)
        {
            if (isReached())
            {
                return Task.CompletedTask;
            }

            wait = new MirrorWait(isReached);
            _waits.Add(wait);
        }

        return AwaitAsync(wait, cancellationToken);
    }

    private async Task AwaitAsync(MirrorWait wait, CancellationToken cancellationToken)
    {
        try
        {
            await wait.Reached.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // A wait that nobody waits for any more must not stay until its revision comes, which may be never.
            lock (_gate)
            {
                _waits.Remove(wait);
            }
        }
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

    /// <param name="isReached">Called inside the lock.</param>
    private sealed class MirrorWait(Func<bool> isReached)
    {
        public Func<bool> IsReached { get; } = isReached;

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
