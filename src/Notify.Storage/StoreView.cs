using System.Runtime.CompilerServices;
using Notify.Core.Storage;

namespace Notify.Storage;

/// <summary>
/// Reading a store whose state is in memory: what it shows, and watches. A watch is a position in the history, and one task is shared by all
/// that have seen it all. Thread safe.
/// </summary>
/// <param name="state">The state. Whoever changes it holds <see cref="Gate"/>.</param>
/// <param name="inline">Whoever waits goes on inside the wake, for a simulation.</param>
internal sealed class StoreView(StoreState state, bool inline)
{
    // Set by whoever waits, completed by the next change; so a commit that nobody waits for allocates nothing for it.
    private TaskCompletionSource? _changed;

    /// <summary>Guards the state and this.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The store was closed. Set inside the lock, with <see cref="TakeWaiting"/> after it.</summary>
    public bool IsClosed { get; set; }

    /// <summary>See <see cref="IObjectStore.SnapshotAsync"/>.</summary>
    public ValueTask<StoreSnapshot> SnapshotAsync(long horizon, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(horizon);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Copy(horizon).ToSnapshot());
    }

    /// <summary>The state as of a horizon behind what is shown. Copied for the most part outside the lock.</summary>
    /// <exception cref="StoreUnavailableException">The store was closed.</exception>
    public StoreCopy Copy(long horizon)
    {
        Func<StoreCopy> copy;
        lock (Gate)
        {
            ThrowIfClosed();
            copy = state.Copy(horizon);
        }

        return copy();
    }

    /// <summary>See <see cref="IObjectStore.WatchAsync"/>.</summary>
    public async IAsyncEnumerable<StoreEpoch> WatchAsync(long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = afterRevision;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Next(position, out var change) is { } epoch)
            {
                position = epoch.Revision;
                yield return epoch;
            }
            else
            {
                await change.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>See <see cref="IObjectStore.RevisionsAsync"/>.</summary>
    public ValueTask<StoreRevisions> RevisionsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (Gate)
        {
            ThrowIfClosed();
            return ValueTask.FromResult(new StoreRevisions(state.Oldest, state.Shown));
        }
    }

    /// <summary>See <see cref="IObjectStore.CompactAsync"/>.</summary>
    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (Gate)
        {
            ThrowIfClosed();
            state.Compact(revision);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>What wakes everybody who waits now, to be called outside the lock; null where nobody does.</summary>
    public Action? TakeWaiting()
    {
        (var waiting, _changed) = (_changed, null);
        return waiting is null ? null : () => waiting.TrySetResult();
    }

    /// <summary>Called inside the lock.</summary>
    /// <exception cref="StoreUnavailableException">The store was closed.</exception>
    public void ThrowIfClosed()
    {
        if (IsClosed)
        {
            throw new StoreUnavailableException("it was closed.");
        }
    }

    /// <summary>The epoch after a position, or null and what to wait for.</summary>
    private StoreEpoch? Next(long position, out Task change)
    {
        lock (Gate)
        {
            ThrowIfClosed();
            change = Task.CompletedTask;
            if (position < state.Oldest)
            {
                throw new CompactedException(position, state.Oldest);
            }

            if (position < state.Shown)
            {
                return state[position + 1];
            }

            _changed ??= new(inline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
            change = _changed.Task;
            return null;
        }
    }
}
