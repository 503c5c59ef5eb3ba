using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Storage;

/// <summary>
/// A store that lives with its process: for tests, demos and simulations. Not durable: what it acknowledged is gone when the process
/// ends, and the next one must have another identity. Every call but a waiting watch completes before it returns.
/// </summary>
public sealed class MemoryObjectStore : IObjectStore
{
    private readonly Lock _lock = new();
    private readonly StoreState _state;
    private readonly StoreWatchers _watchers;
    private readonly MemoryStoreOptions _options;
    private bool _closed;

    /// <summary>Creates an empty store.</summary>
    /// <param name="identity">A new one, for example of <see cref="StoreIdentity.Create"/>.</param>
    /// <param name="options">Bounds; null for the defaults.</param>
    public MemoryObjectStore(StoreIdentity identity, MemoryStoreOptions? options = null)
    {
        _options = options ?? new MemoryStoreOptions();
        Identity = identity;
        _state = new(_options.HistoryRevisionsMax, _options.HistoryBytesMax);
        _watchers = new(_options.WakesWatchersInline);
    }

    /// <inheritdoc/>
    public StoreIdentity Identity { get; }

    /// <inheritdoc/>
    public StoreLimits Limits => _options.Limits;

    /// <inheritdoc/>
    public ValueTask<long> DeclareAsync(ImmutableArray<TypeDeclaration> declarations, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Action? wake;
        long revision;
        lock (_lock)
        {
            ThrowIfClosed();
            wake = Show(_state.Declare(declarations));
            revision = _state.Shown;
        }

        wake?.Invoke();
        return ValueTask.FromResult(revision);
    }

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Limits.Check(transaction) is { } rejected)
        {
            return ValueTask.FromResult<CommitResult>(rejected);
        }

        CommitResult result;
        Action? wake;
        lock (_lock)
        {
            ThrowIfClosed();
            (result, var epoch) = _state.Commit(transaction);
            wake = Show(epoch);
        }

        wake?.Invoke();
        return ValueTask.FromResult(result);
    }

    /// <inheritdoc/>
    public ValueTask<StoreSnapshot> SnapshotAsync(long horizon, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(horizon);
        cancellationToken.ThrowIfCancellationRequested();
        Func<StoreCopy> copy;
        lock (_lock)
        {
            ThrowIfClosed();
            copy = _state.Copy(horizon);
        }

        return ValueTask.FromResult(copy().ToSnapshot());
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoreEpoch> WatchAsync(
        long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
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

    /// <inheritdoc/>
    public ValueTask<StoreRevisions> RevisionsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ThrowIfClosed();
            return ValueTask.FromResult(new StoreRevisions(_state.Oldest, _state.Shown));
        }
    }

    /// <inheritdoc/>
    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ThrowIfClosed();
            _state.Compact(revision);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the store: waiting watches end with <see cref="StoreUnavailableException"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Action? wake;
        lock (_lock)
        {
            _closed = true;
            wake = _watchers.Take();
        }

        wake?.Invoke();
        return ValueTask.CompletedTask;
    }

    private Action? Show(StoreEpoch? epoch)
    {
        if (epoch is null)
        {
            return null;
        }

        _state.Show(epoch.Revision);
        return _watchers.Take();
    }

    private StoreEpoch? Next(long position, out Task change)
    {
        lock (_lock)
        {
            ThrowIfClosed();
            return _watchers.Next(_state, position, out change);
        }
    }

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw new StoreUnavailableException("it was closed.");
        }
    }
}
