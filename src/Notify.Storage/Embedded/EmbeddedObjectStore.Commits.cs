using Notify.Core;
using Notify.Core.Storage;

namespace Notify.Storage.Embedded;

/// <summary>Group commit: one flush at a time takes all that waits, applies it, makes it durable, and only then shows and answers it.</summary>
public sealed partial class EmbeddedObjectStore
{
    /// <summary>One flush takes no more than this, so that the first of very many commits is not kept waiting for all.</summary>
    private const int FlushBytesMax = 8 << 20;

    private readonly Action<Action> _execute;
    private readonly Queue<Pending> _waiting = new();
    private TaskCompletionSource? _idle;
    private long _waitingBytes;
    private bool _isFlushing;
    private Exception? _failure;

    private async Task<TResult> EnqueueAsync<TResult>(
        Func<StoreState, (TResult Result, StoreEpoch? Epoch)> apply, long bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var pending = new Pending<TResult>(apply, bytes, _options.Execute is not null);
        var starts = false;
        lock (_view.Gate)
        {
            _view.ThrowIfClosed();
            if (_failure is not null)
            {
                throw new StoreUnavailableException($"the disk failed ({_failure.Message}); start the controller again.", _failure);
            }

            // One that is larger than the bound alone is taken when nothing else waits.
            if (_waiting.Count >= _options.WaitingCommitsMax || (_waiting.Count > 0 && _waitingBytes + bytes > _options.WaitingBytesMax))
            {
                throw new StoreUnavailableException($"{_waiting.Count} commits with {_waitingBytes} bytes wait for the disk; commit slower.");
            }

            _waiting.Enqueue(pending);
            _waitingBytes += bytes;
            (starts, _isFlushing) = (!_isFlushing, true);
        }

        if (starts)
        {
            _execute(Flush);
        }

        try
        {
            return await pending.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new CommitOutcomeUnknownException("the call was cancelled before the store answered.", e);
        }
    }

    private Task WhenIdle()
    {
        if (!_isFlushing && !_isCheckpointing)
        {
            return Task.CompletedTask;
        }

        _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return _idle.Task;
    }

    private void NoteIdle()
    {
        if (!_isFlushing && !_isCheckpointing)
        {
            _idle?.TrySetResult();
        }
    }

    /// <summary>Runs on one thread at a time: <see cref="_isFlushing"/> is set by who starts it and cleared here, both in the lock.</summary>
    private void Flush()
    {
        while (TakeBatch(out var batch, out var epochs))
        {
            var error = epochs.Count == 0 ? null : Write(epochs);
            Action? wake = null;
            lock (_view.Gate)
            {
                if (error is null)
                {
                    _state.Show(_state.Head);
                    wake = epochs.Count == 0 ? null : _view.TakeWaiting();
                }
                else
                {
                    // Transactions that failed or changed nothing saw what is taken back here, so they are not answered either.
                    _state.TakeBack();
                    _failure = error is CommitOutcomeUnknownException ? error.InnerException : _failure;
                }
            }

            batch.ForEach(pending => pending.Complete(error));
            wake?.Invoke();
            StartCheckpointIfDue();
        }
    }

    private bool TakeBatch(out List<Pending> batch, out List<StoreEpoch> epochs)
    {
        (batch, epochs) = ([], []);
        var bytes = 0L;
        lock (_view.Gate)
        {
            while (bytes < FlushBytesMax && _waiting.TryDequeue(out var pending))
            {
                batch.Add(pending);
                _waitingBytes -= pending.Bytes;
                if (_failure is null && pending.Apply(_state) is { } epoch)
                {
                    epochs.Add(epoch);
                    bytes += epoch.Changes.Sum(StoreLimits.SizeOf);
                }
            }

            if (batch.Count == 0)
            {
                _isFlushing = false;
                NoteIdle();
            }
        }

        return batch.Count > 0;
    }

    /// <summary>Makes epochs durable. Returns what to answer instead where that failed.</summary>
    private NotifyException? Write(List<StoreEpoch> epochs)
    {
        try
        {
            _log.Append(epochs);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Refused(_logger, e);
            return (NotifyException?)Sync(_log.TakeBack)
                ?? new StoreUnavailableException($"the disk does not take it ({e.Message}). Nothing was changed; make room and try again.", e);
        }

        return Sync(_log.Sync);
    }

    /// <summary>A failed sync may have dropped the pages it was to write, so trying it again would prove nothing.</summary>
    private CommitOutcomeUnknownException? Sync(Action sync)
    {
        try
        {
            sync();
            return null;
        }
        catch (IOException e)
        {
            Log.Failed(_logger, e);
            return new CommitOutcomeUnknownException($"the disk failed to sync ({e.Message}).", e);
        }
    }

    private abstract class Pending(long bytes)
    {
        /// <summary>What it counts for while it waits.</summary>
        public long Bytes { get; } = bytes;

        /// <summary>Applies the transaction. Called in the lock; null where it makes no epoch.</summary>
        public abstract StoreEpoch? Apply(StoreState state);

        /// <summary>Answers: with the result, or with what became of the batch.</summary>
        public abstract void Complete(Exception? error);
    }

    private sealed class Pending<TResult>(Func<StoreState, (TResult Result, StoreEpoch? Epoch)> apply, long bytes, bool inline) : Pending(bytes)
    {
        private readonly TaskCompletionSource<TResult> _answer =
            new(inline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

        private TResult? _result;
        private Exception? _refusal;
        private bool _isApplied;

        public Task<TResult> Task => _answer.Task;

        public override StoreEpoch? Apply(StoreState state)
        {
            _isApplied = true;
            try
            {
                (_result, var epoch) = apply(state);
                return epoch;
            }
            catch (Exception e) when (e is Core.Types.TypeConflictException or ArgumentException)
            {
                _refusal = e; // The state is as it was.
                return null;
            }
        }

        public override void Complete(Exception? error)
        {
            if ((error ?? _refusal) is { } exception)
            {
                _answer.SetException(exception);
            }
            else if (!_isApplied)
            {
                _answer.SetException(new StoreUnavailableException("the disk failed; start the controller again."));
            }
            else
            {
                _answer.SetResult(_result!);
            }
        }
    }
}
