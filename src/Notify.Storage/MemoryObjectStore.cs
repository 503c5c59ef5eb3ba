using System.Collections.Immutable;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Storage;

/// <summary>
/// A store that lives with its process: for tests, demos and simulations. Not durable: what it acknowledged is gone when the process
/// ends, and the next one must have another identity. Every call but a waiting watch completes before it returns.
/// </summary>
public sealed class MemoryObjectStore : IObjectStore
{
    private readonly StoreState _state;
    private readonly StoreView _view;
    private readonly MemoryStoreOptions _options;

    /// <summary>Creates an empty store.</summary>
    /// <param name="identity">A new one, for example of <see cref="StoreIdentity.Create"/>.</param>
    /// <param name="options">Bounds; null for the defaults.</param>
    public MemoryObjectStore(StoreIdentity identity, MemoryStoreOptions? options = null)
    {
        _options = options ?? new MemoryStoreOptions();
        Identity = identity;
        _state = new(_options.HistoryRevisionsMax, _options.HistoryBytesMax);
        _view = new(_state, _options.WakesWatchersInline);
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
        lock (_view.Gate)
        {
            _view.ThrowIfClosed();
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
        lock (_view.Gate)
        {
            _view.ThrowIfClosed();
            (result, var epoch) = _state.Commit(transaction);
            wake = Show(epoch);
        }

        wake?.Invoke();
        return ValueTask.FromResult(result);
    }

    /// <inheritdoc/>
    /// <remarks>There is no clock here: an object goes when its lease is disposed of.</remarks>
    public async ValueTask<IStoreLease> LeaseAsync(Envelope envelope, TimeSpan ttl, CancellationToken cancellationToken)
    {
        var result = await CommitAsync(new Transaction([StoreChange.Put(envelope)]), cancellationToken).ConfigureAwait(false);
        return OwnLease.Of(this, envelope.Id, result);
    }

    /// <inheritdoc/>
    public ValueTask<StoreSnapshot> SnapshotAsync(long horizon, CancellationToken cancellationToken) => _view.SnapshotAsync(horizon, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<StoreEpoch> WatchAsync(long afterRevision, CancellationToken cancellationToken) => _view.WatchAsync(afterRevision, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoreRevisions> RevisionsAsync(CancellationToken cancellationToken) => _view.RevisionsAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken) => _view.CompactAsync(revision, cancellationToken);

    /// <summary>Closes the store: waiting watches end with <see cref="StoreUnavailableException"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Action? wake;
        lock (_view.Gate)
        {
            _view.IsClosed = true;
            wake = _view.TakeWaiting();
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
        return _view.TakeWaiting();
    }
}
