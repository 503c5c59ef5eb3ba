using Google.Protobuf;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Testing.Etcd;

namespace Notify.Storage.Tests.Etcd;

/// <summary>Leases of a real etcd: renewed, frozen over, and lost.</summary>
public sealed class EtcdLeaseTests : EtcdTest
{
    private static readonly Envelope s_record = new(FedNode.Id(0), ByteString.CopyFromUtf8("x"));

    [Fact]
    public async Task Lease_OutlivesItsTtl_AndGoesAfterItWhereNobodyRenews()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        await using var other = await OpenAsync(etcd);
        var store = await OpenAsync(etcd);
        var lease = await store.LeaseAsync(s_record, TimeSpan.FromSeconds(2), Deadline);
        await Task.Delay(TimeSpan.FromSeconds(5), Deadline); // More than twice the time it has without renewals.
        Assert.Equal([s_record.Id], (await StateAsync(other)).Keys);

        var head = (await other.RevisionsAsync(Deadline)).Head;
        await store.DisposeAsync(); // Without a word to etcd, as when the process dies.
        await using var watch = other.WatchAsync(head, Deadline).GetAsyncEnumerator(Deadline);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(StoreChange.Delete(s_record.Id), Assert.Single(watch.Current.Changes));
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
        await Task.Delay(TimeSpan.FromSeconds(5), Deadline); // The state that is awaited is that of time having passed.
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
}
