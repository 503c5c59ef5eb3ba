using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Simulation.Plans;

namespace Notify.Simulation.Nodes;

/// <summary>The store as one controller reaches it: after a delay, late, or not at all. Every await ends in the world's own thread.</summary>
internal sealed class StoreConnection(World world, SimStore store, SimProcess process, SimStore.Trouble trouble) : IObjectStore
{
    private const int TimeoutMs = 300;
    private const int LateMs = 1500;

    public StoreIdentity Identity => store.Identity;

    public StoreLimits Limits => store.Limits with { ChangesMax = world.Faults.ChangesMax };

    public async ValueTask<long> DeclareAsync(ImmutableArray<TypeDeclaration> declarations, CancellationToken cancellationToken) =>
        await AnswerAsync(() => store.DeclareAsync(declarations), null, cancellationToken).ConfigureAwait(false);

    public async ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken cancellationToken) =>
        Limits.Check(transaction) ?? await AnswerAsync(() => store.CommitAsync(transaction, process), TakeLoss(), cancellationToken).ConfigureAwait(false);

    public async ValueTask<IStoreLease> LeaseAsync(Envelope envelope, TimeSpan ttl, CancellationToken cancellationToken) =>
        await AnswerAsync(() => store.LeaseAsync(envelope, (int)ttl.TotalMilliseconds, process, trouble), null, cancellationToken).ConfigureAwait(false);

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

    /// <summary>Sends a write, which is done or not whether the answer comes or not.</summary>
    private async Task<TAnswer> AnswerAsync<TAnswer>(Func<Task<TAnswer>> send, AnswerLoss? loss, CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken).ConfigureAwait(false);
        var broken = trouble.Broken; // The store may die while it is given the write.
        var sent = loss switch
        {
            null => send(),
            AnswerLoss.Done => LoseAsync(send, 0),
            AnswerLoss.DoneLate => LoseAsync(send, world.Random.Next(LateMs)),
            _ => LoseAsync<TAnswer>(send: null, 0),
        };
        var over = new TaskCompletionSource();
        using (broken.Register(() => over.TrySetResult()))
        {
            EndAsync(sent, over);
            await over.Task.ConfigureAwait(false);
        }

        if (!sent.IsCompleted)
        {
            throw new CommitOutcomeUnknownException("the connection broke.");
        }

        var answer = await sent.ConfigureAwait(false);
        await DelayAsync(1 + trouble.LagMs, cancellationToken).ConfigureAwait(false);
        return trouble.IsDown ? throw new CommitOutcomeUnknownException("the connection broke.") : answer;
    }

    private static async void EndAsync(Task task, TaskCompletionSource over)
    {
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        over.TrySetResult();
    }

    private AnswerLoss? TakeLoss()
    {
        var loss = trouble.TakeLoss();
        if (loss is not null)
        {
            trouble.NotCalmBefore(world.NowMs + TimeoutMs + SimPublisher.RetryMs + LateMs);
        }

        return loss;
    }

    private async Task<TAnswer> LoseAsync<TAnswer>(Func<Task<TAnswer>>? send, int afterMs)
    {
        world.Fire(FaultKind.AnswerLost);
        if (send is not null)
        {
            world.Schedule(afterMs, () => ForgetAsync(send));
        }

        await DelayAsync(TimeoutMs, CancellationToken.None).ConfigureAwait(false);
        throw new CommitOutcomeUnknownException("the plan says so.");
    }

    private static async void ForgetAsync<TAnswer>(Func<Task<TAnswer>> send)
    {
        try
        {
            await send().ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreUnavailableException or CommitOutcomeUnknownException)
        {
            // It was not done after all, or the store itself does not know.
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

    private async Task DelayAsync(long delayMs, CancellationToken cancellationToken)
    {
        await PassAsync(delayMs).ConfigureAwait(false);
        while (process.IsFrozen)
        {
            await PassAsync(process.ThawsInMs).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Ends in the world's thread, which a cancelled Task.Delay would not.</summary>
    private Task PassAsync(long delayMs)
    {
        var passed = new TaskCompletionSource();
        world.Schedule(delayMs, passed.SetResult);
        return passed.Task;
    }
}
