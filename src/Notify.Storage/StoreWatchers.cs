using Notify.Core.Storage;

namespace Notify.Storage;

/// <summary>
/// Who waits for the next epoch of a store. A watch is a position in the history, and one task is shared by all that have seen it all.
/// Guarded by the store's lock.
/// </summary>
/// <param name="inline">Whoever waits goes on inside the wake, for a simulation.</param>
internal sealed class StoreWatchers(bool inline)
{
    // Set by whoever waits, completed by the next change; so a commit that nobody waits for allocates nothing for it.
    private TaskCompletionSource? _changed;

    /// <summary>The epoch after a position, or null and what to wait for.</summary>
    /// <exception cref="CompactedException">The history after the position is gone.</exception>
    public StoreEpoch? Next(StoreState state, long position, out Task change)
    {
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

    /// <summary>What wakes everybody who waits now, to be called outside the lock; null where nobody does.</summary>
    public Action? Take()
    {
        (var waiting, _changed) = (_changed, null);
        return waiting is null ? null : () => waiting.TrySetResult();
    }
}
