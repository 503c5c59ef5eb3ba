using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Testing;

/// <summary>A store that does to its callers what networks and dying servers do, when told to.</summary>
public sealed class FaultyStore(IObjectStore inner) : IObjectStore
{
    private volatile IObjectStore _inner = inner;
    private volatile CancellationTokenSource? _watchCut;
    private volatile bool _isUnreachable;

    /// <summary>What happens to commits from now on.</summary>
    public CommitFault CommitFault { get; set; }

    /// <summary>Every call but a commit ends with <see cref="StoreUnavailableException"/>.</summary>
    public bool IsUnreachable
    {
        get => _isUnreachable;
        set => _isUnreachable = value;
    }

    /// <summary>How often anything but a commit was asked for.</summary>
    public int Attempts { get; private set; }

    /// <summary>How many snapshots were given.</summary>
    public int Snapshots { get; private set; }

    /// <summary>Raised when a commit is done.</summary>
    public event Action? Committed;

    /// <summary>Raised when types are declared.</summary>
    public event Action? Declared;

    /// <summary>What is behind it; another one takes effect at the next call.</summary>
    public IObjectStore Inner
    {
        get => _inner;
        set => _inner = value;
    }

    public StoreIdentity Identity => _inner.Identity;

    public StoreLimits Limits => _inner.Limits;

    /// <summary>Ends the newest watch, as a lost connection does.</summary>
    public void CutWatch() => _watchCut?.Cancel();

    public async ValueTask<long> DeclareAsync(ImmutableArray<TypeDeclaration> declarations, CancellationToken cancellationToken)
    {
        ThrowIfUnreachable();
        var revision = await _inner.DeclareAsync(declarations, cancellationToken).ConfigureAwait(false);
        Declared?.Invoke();
        return revision;
    }

    public async ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken cancellationToken)
    {
        switch (CommitFault)
        {
            case CommitFault.Refuses:
                throw new StoreUnavailableException("the test says so.");
            case CommitFault.LosesTheRequest:
                throw new CommitOutcomeUnknownException("the request was lost.");
            case CommitFault.LosesTheAnswer:
                await _inner.CommitAsync(transaction, cancellationToken);
                throw new CommitOutcomeUnknownException("the answer was lost.");
            case CommitFault.Hangs:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw new CommitOutcomeUnknownException("no answer came.", new OperationCanceledException(cancellationToken));
            default:
                var result = await _inner.CommitAsync(transaction, cancellationToken);
                Committed?.Invoke();
                return result;
        }
    }

    public ValueTask<IStoreLease> LeaseAsync(Envelope envelope, TimeSpan ttl, CancellationToken cancellationToken)
    {
        ThrowIfUnreachable();
        return _inner.LeaseAsync(envelope, ttl, cancellationToken);
    }

    public ValueTask<StoreSnapshot> SnapshotAsync(long horizon, CancellationToken cancellationToken)
    {
        ThrowIfUnreachable();
        Snapshots++;
        return _inner.SnapshotAsync(horizon, cancellationToken);
    }

    public async IAsyncEnumerable<StoreEpoch> WatchAsync(
        long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfUnreachable();
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _watchCut = cut;
        Interlocked.MemoryBarrier();

        // Who makes the store unreachable and then cuts the watch cuts this one too, or it ends here.
        ThrowIfUnreachable();
        await using var watch = _inner.WatchAsync(afterRevision, cut.Token).GetAsyncEnumerator(cut.Token);
        while (await MoveNextAsync(watch, cancellationToken))
        {
            yield return watch.Current;
        }
    }

    public ValueTask<StoreRevisions> RevisionsAsync(CancellationToken cancellationToken)
    {
        ThrowIfUnreachable();
        return _inner.RevisionsAsync(cancellationToken);
    }

    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken) => _inner.CompactAsync(revision, cancellationToken);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private static async Task<bool> MoveNextAsync(IAsyncEnumerator<StoreEpoch> watch, CancellationToken cancellationToken)
    {
        try
        {
            return await watch.MoveNextAsync();
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException("the watch was cut.", e);
        }
    }

    private void ThrowIfUnreachable()
    {
        Attempts++;
        if (IsUnreachable)
        {
            throw new StoreUnavailableException("the test says so.");
        }
    }
}
