namespace Notify.Core.Caches;

/// <summary>Waiting for a revision of the stored space.</summary>
public sealed partial class Mirror
{
    private readonly List<RevisionWait> _waits = [];

    /// <summary>How many calls wait for a revision.</summary>
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
    public Task WaitForStoredRevisionAsync(long revision, CancellationToken cancellationToken)
    {
        RevisionWait wait;
        lock (_gate)
        {
            if (_current.StoredRevision >= revision)
            {
                return Task.CompletedTask;
            }

            wait = new RevisionWait(revision);
            _waits.Add(wait);
        }

        return AwaitAsync(wait, cancellationToken);
    }

    private async Task AwaitAsync(RevisionWait wait, CancellationToken cancellationToken)
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

    /// <summary>Takes out the waits that the current view ends. Called inside the lock; completed outside it.</summary>
    private RevisionWait[] TakeReachedWaits()
    {
        if (_waits.Count == 0)
        {
            return [];
        }

        var reached = _waits.Where(wait => wait.Revision <= _current.StoredRevision).ToArray();
        _waits.RemoveAll(wait => wait.Revision <= _current.StoredRevision);
        return reached;
    }

    private sealed class RevisionWait(long revision)
    {
        public long Revision { get; } = revision;

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
