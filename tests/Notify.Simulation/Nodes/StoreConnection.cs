using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Simulation.Plans;

namespace Notify.Simulation.Nodes;

/// <summary>The store as one controller reaches it: after a delay, late, or not at all. Every await ends in the world's own thread.</summary>
internal sealed class StoreConnection(World world, SimStore store, SimStore.Trouble trouble) : IObjectStore
{
    public StoreIdentity Identity => store.Identity;

    public StoreLimits Limits => store.Limits;

    public ValueTask<long> DeclareAsync(ImmutableArray<TypeDeclaration> declarations, CancellationToken cancellationToken) =>
        store.Running.DeclareAsync(declarations, cancellationToken);

    public ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken cancellationToken) =>
        store.Running.CommitAsync(transaction, cancellationToken);

    public ValueTask<IStoreLease> LeaseAsync(Envelope envelope, TimeSpan ttl, CancellationToken cancellationToken) =>
        store.Running.LeaseAsync(envelope, ttl, cancellationToken);

    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken) => store.Running.CompactAsync(revision, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async ValueTask<StoreSnapshot> SnapshotAsync(long horizon, CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken).ConfigureAwait(false);
        return await store.Running.SnapshotAsync(horizon, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<StoreRevisions> RevisionsAsync(CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken).ConfigureAwait(false);
        return await store.Running.RevisionsAsync(cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<StoreEpoch> WatchAsync(long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken).ConfigureAwait(false);
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, trouble.Broken);
        var epochs = store.Running.WatchAsync(afterRevision, broken.Token).GetAsyncEnumerator(broken.Token);
        await using (epochs.ConfigureAwait(false))
        {
            while (await NextAsync(epochs, cancellationToken).ConfigureAwait(false) is { } epoch)
            {
                var lag = store.CommittedAtMs(epoch.Revision) + trouble.LagMs - world.NowMs;
                if (trouble.LagMs > 0 && lag > 0)
                {
                    world.Fire(FaultKind.LaggingController);
                }

                // Never inside the commit: the writer goes on before its watchers do.
                await DelayAsync(Math.Max(1, lag), cancellationToken).ConfigureAwait(false);
                yield return epoch;
            }
        }
    }

    private static async ValueTask<StoreEpoch?> NextAsync(IAsyncEnumerator<StoreEpoch> epochs, CancellationToken cancellationToken)
    {
        try
        {
            return await epochs.MoveNextAsync().ConfigureAwait(false) ? epochs.Current : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException("the connection broke.");
        }
    }

    private async ValueTask PassAsync(CancellationToken cancellationToken)
    {
        await DelayAsync(1 + trouble.LagMs, cancellationToken).ConfigureAwait(false);
        if (trouble.LagMs > 0)
        {
            world.Fire(FaultKind.StoreSlow);
        }

        if (trouble.IsDown)
        {
            world.Fire(FaultKind.StoreUnavailable);
            throw new StoreUnavailableException("the plan says so.");
        }
    }

    private Task DelayAsync(long delayMs, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(delayMs), world.Time, cancellationToken);
}
