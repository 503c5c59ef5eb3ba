using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Testing;

namespace Notify.Storage.Tests;

public sealed class StoreFeedTests
{
    private readonly CancellationToken _deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task Feed_OfAStoreWithObjectsOfUnknownTypes_MirrorsThem()
    {
        await using var node = await FedNode.StartAsync(commits: 3);

        Assert.Equal((3, 4), (node.Mirror.Snapshot().Count(FedNode.Thing), node.Mirror.Snapshot().StoredRevision));
        Assert.Equal(node.Store.Identity.ToSpace(), node.Mirror.Snapshot().StoredSpace);
        await node.CommitAsync(StoreChange.Delete(FedNode.Id(0)), FedNode.Put(1, "new"));
        await node.Mirror.WaitForStoredRevisionAsync(5, _deadline);
        Assert.Null(node.Mirror.Snapshot().Find(FedNode.Id(0)));
        Assert.Equal(5, node.Mirror.Snapshot().Find(FedNode.Id(1))!.Revision);
    }

    [Fact]
    public async Task Feed_OfADeclarationAlone_MovesTheRevisionAndKnowsTheType()
    {
        await using var node = await FedNode.StartAsync(commits: 1);
        var revision = await node.Store.DeclareAsync([FedNode.Declaration("test.Late")], _deadline);
        await node.Mirror.WaitForStoredRevisionAsync(revision, _deadline);
        Assert.NotNull(node.Mirror.Types.Find("test.Late"));
    }

    [Fact]
    public async Task Feed_ThatStartsBehindTheHead_KnowsTheDeletesSinceThen()
    {
        await using var node = await FedNode.StartAsync(commits: 10, deleteLast: 5, horizon: 8);

        // Revision 16 is the head, so the mirror began at 8 and saw the five deletes at 12 to 16.
        Assert.Equal(5, node.Mirror.Snapshot().Count(FedNode.Thing));
        Assert.Equal(8, node.Mirror.StoredFloor);
        Assert.Null(node.Mirror.StoredChangesAfter(7));
        var since = node.Mirror.StoredChangesAfter(11)!.Value;
        Assert.Equal(Enumerable.Range(5, 5).Select(FedNode.Id).Order(), since.Changed.Order());
        Assert.All(since.Changed, id => Assert.Null(since.Now.Find(id)));
    }

    [Fact]
    public async Task Feed_ThatIsOvertakenByACompaction_TakesTheStateOverAndRaisesDifferencesOnly()
    {
        await using var node = await FedNode.StartAsync(commits: 5);
        node.Store.IsUnreachable = true;
        node.Store.CutWatch();
        await node.CommitAsync(StoreChange.Delete(FedNode.Id(0)));
        await node.CommitAsync(FedNode.Put(1, "new"), FedNode.Put(7, "7"));
        await node.Store.CompactAsync(8, _deadline);
        var changes = new List<ObjectId>();
        using var subscription = node.Mirror.Subscribe(
            change =>
            {
                lock (changes)
                {
                    changes.AddRange(change.Changes.Select(one => one.Id));
                }
            },
            node.Mirror.Snapshot());
        Assert.Equal(6, node.Mirror.Snapshot().StoredRevision);
        node.Store.IsUnreachable = false;

        await node.Mirror.WaitForStoredRevisionAsync(8, _deadline);
        Assert.Equal(
            [FedNode.Id(1), FedNode.Id(2), FedNode.Id(3), FedNode.Id(4), FedNode.Id(7)],
            node.Mirror.Snapshot().List(FedNode.Thing).Select(envelope => envelope.Id));
        await Until.HandledAsync(node.Mirror);

        Assert.Equal([FedNode.Id(0), FedNode.Id(1), FedNode.Id(7)], changes.Order());
    }

    [Fact]
    public async Task Feed_WhoseStoreIsAway_KeepsTheMirrorAndGoesOnWhereItWas()
    {
        await using var node = await FedNode.StartAsync(commits: 5);
        node.Store.IsUnreachable = true;
        node.Store.CutWatch();
        var attempts = node.Store.Attempts;
        await node.CommitAsync(FedNode.Put(1, "new"));
        await Until.CountAsync("the feed asks again and again", () => node.Store.Attempts, now => now >= attempts + 3);

        Assert.Equal((5, 6), (node.Mirror.Snapshot().Count(FedNode.Thing), node.Mirror.Snapshot().StoredRevision));
        var snapshots = node.Store.Snapshots;
        node.Store.IsUnreachable = false;
        await node.Mirror.WaitForStoredRevisionAsync(7, _deadline);
        Assert.Equal(snapshots, node.Store.Snapshots);
    }

    [Fact]
    public async Task Feed_OfAStoreThatWentBack_KeepsTheMirrorAndSaysSo()
    {
        var log = new CollectedLog();
        var store = new FaultyStore(new MemoryObjectStore(new StoreIdentity(Guid.AllBitsSet, Guid.AllBitsSet)));
        await store.DeclareAsync([FedNode.Declaration(FedNode.Thing)], _deadline);
        await using var node = await FedNode.FollowAsync(store, logger: log.For<StoreFeed>());
        await node.CommitAsync(FedNode.Put(1, "1"));
        await node.CommitAsync(FedNode.Put(1, "2"));
        await node.Mirror.WaitForStoredRevisionAsync(3, _deadline);

        // A backup of the first commit, restored under the same identity.
        var restored = new MemoryObjectStore(store.Identity);
        await restored.DeclareAsync([FedNode.Declaration(FedNode.Thing)], _deadline);
        await restored.CommitAsync(new Transaction([FedNode.Put(1, "1")]), _deadline);
        store.Inner = restored;
        store.CutWatch();
        await log.HasAsync("Critical 4003", _deadline);

        Assert.Equal(("2", 3), (node.Mirror.Snapshot().Find(FedNode.Id(1))!.Value.ToStringUtf8(), node.Mirror.Snapshot().StoredRevision));
    }

    [Fact]
    public async Task Wait_ThatIsCancelled_LeavesTheOthersWaiting()
    {
        await using var node = await FedNode.StartAsync(commits: 1);
        using var cancel = new CancellationTokenSource();
        var given = node.Mirror.WaitForStoredRevisionAsync(3, cancel.Token);
        var kept = node.Mirror.WaitForStoredRevisionAsync(3, _deadline);
        var later = node.Mirror.WaitForStoredRevisionAsync(4, _deadline);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal(2, node.Mirror.WaitCount);

        await node.CommitAsync(FedNode.Put(1, "1"));
        await kept;
        Assert.False(later.IsCompleted);
        await node.CommitAsync(FedNode.Put(1, "2"));
        await later;
        Assert.Equal(0, node.Mirror.WaitCount);
    }
}
