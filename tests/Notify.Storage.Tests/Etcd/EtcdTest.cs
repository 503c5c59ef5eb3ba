using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Storage.Etcd;
using Notify.Testing.Etcd;

namespace Notify.Storage.Tests.Etcd;

/// <summary>What tests of the etcd store share: options that notice soon, a log, a deadline.</summary>
public abstract class EtcdTest
{
    internal CollectedLog Log { get; } = new();

    internal CancellationToken Deadline { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(90)).Token;

    internal static EtcdStoreOptions Options(params Uri[] endpoints) => new()
    {
        Endpoints = endpoints,
        RequestTimeout = TimeSpan.FromSeconds(2),
        ProgressInterval = TimeSpan.FromSeconds(0.5),
        ProgressTimeout = TimeSpan.FromSeconds(1.5),
    };

    internal async Task<EtcdObjectStore> OpenAsync(EtcdStoreOptions options)
    {
        var store = await EtcdObjectStore.OpenAsync(options, new Random(), Log.For<EtcdObjectStore>(), Deadline);
        await store.DeclareAsync([FedNode.Declaration(FedNode.Thing)], Deadline);
        return store;
    }

    internal Task<EtcdObjectStore> OpenAsync(EtcdProcess etcd) => OpenAsync(Options(etcd.Address));

    /// <summary>A mirror of the store, whose feed's log is the test's.</summary>
    internal Task<FedNode> FollowAsync(IObjectStore store, long horizon = 0) => FedNode.FollowAsync(store, horizon, Log.For<StoreFeed>());

    internal async Task<CommitResult.Committed> CommitAsync(IObjectStore store, params StoreChange[] changes) =>
        Assert.IsType<CommitResult.Committed>(await store.CommitAsync(new Transaction([.. changes]), Deadline));

    /// <summary>Commits as soon as the store takes commits again.</summary>
    internal async Task<CommitResult.Committed> CommitWhenBackAsync(IObjectStore store, params StoreChange[] changes)
    {
        while (true)
        {
            try
            {
                return await CommitAsync(store, changes);
            }
            catch (Exception e) when (e is StoreUnavailableException or CommitOutcomeUnknownException)
            {
                Deadline.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
    }

    internal async Task<Dictionary<ObjectId, Envelope>> StateAsync(IObjectStore store) =>
        await (await store.SnapshotAsync(0, Deadline)).Objects.ToDictionaryAsync(envelope => envelope.Id, cancellationToken: Deadline);
}
