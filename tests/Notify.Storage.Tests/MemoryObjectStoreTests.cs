using Notify.Core.Storage;
using Notify.Testing;

namespace Notify.Storage.Tests;

public sealed class MemoryObjectStoreTests : StoreConformance
{
    protected override ValueTask<IObjectStore> OpenAsync(StoreLimits limits) => new(Open(new MemoryStoreOptions { Limits = limits }));

    [Fact]
    public async Task History_BeyondItsRevisions_IsCompactedByItself()
    {
        await using var store = Open(new MemoryStoreOptions { HistoryRevisionsMax = 5 });
        await FillAsync(store, 20);

        Assert.Equal(new StoreRevisions(16, 21), await store.RevisionsAsync(Deadline));
        await using var watch = store.WatchAsync(15, Deadline).GetAsyncEnumerator(Deadline);
        Assert.Equal(16, (await Assert.ThrowsAsync<CompactedException>(async () => await watch.MoveNextAsync())).OldestRevision);
    }

    [Fact]
    public async Task History_BeyondItsBytes_IsCompactedByItself()
    {
        // Each entry counts the version and the one it replaced.
        var entryBytes = 2 * StoreLimits.SizeOf(Put("a", "00"));
        await using var store = Open(new MemoryStoreOptions { HistoryBytesMax = 4 * entryBytes });
        await FillAsync(store, 20);

        Assert.Equal(new StoreRevisions(17, 21), await store.RevisionsAsync(Deadline));
    }

    [Fact]
    public async Task History_WhereOneRevisionIsBeyondItsBytes_KeepsThatOne()
    {
        await using var store = Open(new MemoryStoreOptions { HistoryBytesMax = 1 });
        await FillAsync(store, 3);

        Assert.Equal(new StoreRevisions(3, 4), await store.RevisionsAsync(Deadline));
    }

    [Fact]
    public async Task Watch_WokenInline_HasTheEpochBeforeTheCommitReturns()
    {
        await using var store = Open(new MemoryStoreOptions { WakesWatchersInline = true });
        await FillAsync(store, 1);
        var watch = store.WatchAsync(2, Deadline).GetAsyncEnumerator(Deadline);
        var next = watch.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);

        // Off the test's synchronization context, which the runtime never enters inline.
        var completed = await Task.Run(() =>
        {
            var commit = store.CommitAsync(new Transaction([Put("a", "new")]), Deadline).AsTask();
            return commit.IsCompleted && next.IsCompleted;
        });
        Assert.True(completed);
        await watch.DisposeAsync();
    }

    [Fact]
    public void Limits_ByDefault_AreThoseEveryStoreTakes()
    {
        var limits = new MemoryStoreOptions().Limits;
        Assert.Equal((100, 1 << 20, 1 << 20), (limits.ChangesMax, limits.CommitBytesMax, limits.ObjectBytesMax));
        Assert.Equal((10_000, 64L << 20), (new MemoryStoreOptions().HistoryRevisionsMax, new MemoryStoreOptions().HistoryBytesMax));
    }

    [Fact]
    public void Identity_FromEqualRandomness_IsEqualAndARestoreChangesTheIncarnationOnly()
    {
        var identity = StoreIdentity.Create(new Random(1));
        Assert.Equal(identity, StoreIdentity.Create(new Random(1)));
        Assert.NotEqual(identity, StoreIdentity.Create(new Random(2)));
        var restored = identity.NextIncarnation(new Random(3));
        Assert.Equal(identity.Store, restored.Store);
        Assert.NotEqual(identity.Incarnation, restored.Incarnation);
    }

    private static MemoryObjectStore Open(MemoryStoreOptions options) => new(StoreIdentity.Create(new Random()), options);

    private async Task FillAsync(MemoryObjectStore store, int commits)
    {
        await store.DeclareAsync([Declaration(Thing)], Deadline);
        for (var i = 0; i < commits; i++)
        {
            await store.CommitAsync(new Transaction([Put("a", $"{i:00}")]), Deadline);
        }
    }
}
