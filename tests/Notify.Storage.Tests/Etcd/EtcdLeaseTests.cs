using Google.Protobuf;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Testing.Etcd;

namespace Notify.Storage.Tests.Etcd;

/// <summary>Leases of a real etcd: renewed, frozen over, and lost.</summary>
public sealed class EtcdLeaseTests : EtcdTest
{
    private const string NotRenewed = "Warning 4220";

    private static readonly Envelope s_record = new(FedNode.Id(0), ByteString.CopyFromUtf8("x"));
    private static readonly Envelope s_later = new(FedNode.Id(9), ByteString.CopyFromUtf8("y"));

    [Fact]
    public async Task Lease_OutlivesItsTtl_AndGoesAfterItWhereNobodyRenews()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        await using var other = await OpenAsync(etcd);
        var store = await OpenAsync(etcd);
        var lease = await store.LeaseAsync(s_record, TimeSpan.FromSeconds(2), Deadline);

        // Another one for more than twice the time, granted later, that nobody renews: when etcd ends it, the first has outlived its own.
        var silent = await OpenAsync(etcd);
        await silent.LeaseAsync(s_later, TimeSpan.FromSeconds(5), Deadline);
        await silent.DisposeAsync(); // Without a word to etcd, as when the process dies.
        var head = (await other.RevisionsAsync(Deadline)).Head;
        await using var watch = other.WatchAsync(head, Deadline).GetAsyncEnumerator(Deadline);
        Assert.Equal(StoreChange.Delete(s_later.Id), await NextAsync(watch));
        await CommitAsync(other, FedNode.Put(1, "1")); // A snapshot is of a revision that was committed, which the end of a lease is not.
        Assert.Equal([s_record.Id, FedNode.Id(1)], (await StateAsync(other)).Keys.Order());
        Assert.Equal(FedNode.Id(1), (await NextAsync(watch)).Id);

        await store.DisposeAsync();
        Assert.Equal(StoreChange.Delete(s_record.Id), await NextAsync(watch));
        Assert.False(lease.Lost.IsCompleted);
    }

    [Fact]
    public async Task Lease_OfAnEtcdThatIsFrozenForLess_Stays()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        await using var store = await OpenAsync(etcd);
        await using var lease = await store.LeaseAsync(s_record, TimeSpan.FromSeconds(15), Deadline);
        var head = (await store.RevisionsAsync(Deadline)).Head;
        etcd.Freeze();
        await Log.HasAsync(NotRenewed, Deadline); // A third of the time is over, and the renewal that was due had no answer.
        etcd.Thaw();
        await CommitWhenBackAsync(store, FedNode.Put(1, "1"));

        Assert.Equal([s_record.Id, FedNode.Id(1)], (await StateAsync(store)).Keys.Order());
        Assert.False(lease.Lost.IsCompleted);
        Assert.InRange((await store.RevisionsAsync(Deadline)).Head, head + 1, head + 2);
    }

    [Fact]
    public async Task Lease_ThatWasRevokedByOthers_IsLost()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        await using var store = await OpenAsync(etcd);
        await using var lease = await store.LeaseAsync(s_record, TimeSpan.FromSeconds(3), Deadline);
        var id = (await etcd.CtlAsync("lease", "list")).Split('\n')[^1];
        await etcd.CtlAsync("lease", "revoke", id);
        await lease.Lost.WaitAsync(Deadline);
        await CommitAsync(store, FedNode.Put(1, "1"));
        Assert.Equal([FedNode.Id(1)], (await StateAsync(store)).Keys);
    }

    /// <summary>The one change of the next epoch.</summary>
    private static async Task<StoreChange> NextAsync(IAsyncEnumerator<StoreEpoch> watch)
    {
        Assert.True(await watch.MoveNextAsync());
        return Assert.Single(watch.Current.Changes);
    }
}
