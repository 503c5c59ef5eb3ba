using Google.Protobuf;
using Notify.Core.Storage;
using Notify.Core.Types;
using Xunit;

namespace Notify.Testing;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task Watch_AfterARevision_YieldsEveryLaterEpochWholeAndInOrder()
    {
        var first = await CommitAsync(Put("a", "1"));
        var second = await CommitAsync(Put("a", "2"), Put("b", "2", Other));
        var third = await CommitAsync(Delete("a"), Put("c", "3"));
        var epochs = await EpochsAsync(first.Revision, third.Revision);

        Assert.Equal([second.Revision, third.Revision], epochs.Select(epoch => epoch.Revision));
        Assert.Equal([Id("b", Other), Id("a")], epochs[0].Changes.Select(change => change.Id).Order());
        Assert.Equal([Id("a"), Id("c")], epochs[1].Changes.Select(change => change.Id).Order());
        Assert.Null(epochs[1].Changes.Single(change => change.Id == Id("a")).Envelope);
    }

    [Fact]
    public async Task Watch_FromZero_YieldsEverythingBitForBit()
    {
        var envelope = new Envelope(Id("a"), ByteString.CopyFrom(0, 255, 128, 13, 10))
        {
            Scopes = [new Scope("test.Scope", Id("s").Key), new Scope("test.Scope", ByteString.Empty)],
            References = [Id("r", Other), Id("q")],
            Stamp = new Stamp("node-1", 3, long.MaxValue),
        };
        var committed = await CommitAsync(StoreChange.Put(envelope));
        var epochs = await EpochsAsync(0, committed.Revision);

        Assert.Equal([Thing, Other], epochs.SelectMany(epoch => epoch.Declarations).Select(declaration => declaration.Name).OrderDescending());
        Assert.Equal(envelope with { Revision = committed.Revision }, Assert.Single(epochs[^1].Changes).Envelope);
    }

    [Fact]
    public async Task Watch_AtTheHead_WaitsForTheNextEpoch()
    {
        var first = await CommitAsync(Put("a", "1"));
        await using var watch = Store.WatchAsync(await HeadAsync(), Deadline).GetAsyncEnumerator(Deadline);
        var next = NextWithChangesAsync(watch);
        await CommitAsync(Put("a", "1"), Delete("missing"));
        Assert.False(next.IsCompleted, "a commit that changed nothing woke the watch");

        var second = await CommitAsync(Put("a", "2"));
        Assert.Equal(second.Revision, (await next).Revision);
        Assert.True(second.Revision > first.Revision);
    }

    [Fact]
    public async Task Watch_AboveTheHead_WaitsForWhatComesAfterIt()
    {
        var head = await HeadAsync();
        var next = NextWithChangesAsync(Store.WatchAsync(head + 3, Deadline).GetAsyncEnumerator(Deadline));
        var revision = 0L;
        for (var i = 0; revision <= head + 3; i++)
        {
            revision = (await CommitAsync(Put("a", $"{i}"))).Revision;
        }

        Assert.Equal(revision, (await next).Revision);
    }

    [Fact]
    public async Task Watches_OfOneStore_AreIndependent()
    {
        var after = await HeadAsync();
        await using var stalled = Store.WatchAsync(after, Deadline).GetAsyncEnumerator(Deadline);
        var first = await CommitAsync(Put("a", "0"));
        Assert.Equal(first.Revision, (await NextWithChangesAsync(stalled)).Revision);

        var last = first;
        for (var i = 1; i < 100; i++)
        {
            last = await CommitAsync(Put("a", $"{i}"));
        }

        Assert.Equal(100, (await EpochsAsync(after, last.Revision)).Count);
        Assert.Equal("1", TextOf((await NextWithChangesAsync(stalled)).Changes[0].Envelope!));
    }

    [Fact]
    public async Task Watch_Cancelled_EndsWithOperationCanceled()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        await using var watch = Store.WatchAsync(await HeadAsync(), cancel.Token).GetAsyncEnumerator(cancel.Token);
        var next = NextWithChangesAsync(watch);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        Assert.True((await CommitAsync(Put("a", "1"))).MadeRevision);
    }

    [Fact]
    public async Task Watch_OfAStoreThatIsClosed_EndsWithUnavailable()
    {
        await using var store = await OpenAsync(TestLimits);
        await using var watch = store.WatchAsync((await store.RevisionsAsync(Deadline)).Head, Deadline).GetAsyncEnumerator(Deadline);
        var next = NextWithChangesAsync(watch);
        await store.DisposeAsync();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => next);
    }

    [Fact]
    public async Task Watch_BelowTheOldestRevision_NamesTheOldest()
    {
        var (first, second, _) = await ThreeCommitsAsync();
        await Store.CompactAsync(second, Deadline);

        var compacted = await Assert.ThrowsAsync<CompactedException>(() => EpochsAsync(first, second + 1));
        Assert.Equal((first, second), (compacted.RequestedRevision, compacted.OldestRevision));
        await Assert.ThrowsAsync<CompactedException>(() => EpochsAsync(0, second));
    }

    [Fact]
    public async Task Watch_FromTheOldestRevision_LosesNothing()
    {
        var (_, second, third) = await ThreeCommitsAsync();
        await Store.CompactAsync(second, Deadline);

        Assert.Equal(new StoreRevisions(second, third), await Store.RevisionsAsync(Deadline));
        Assert.Equal(third, Assert.Single(await EpochsAsync(second, third)).Revision);
    }

    [Fact]
    public async Task Watch_ThatFallsBehindTheHistory_EndsCompactedAndSkipsNothing()
    {
        await using var watch = Store.WatchAsync(await HeadAsync(), Deadline).GetAsyncEnumerator(Deadline);
        var first = await CommitAsync(Put("a", "0"));
        Assert.Equal(first.Revision, (await NextWithChangesAsync(watch)).Revision);

        // A store may have handed epochs out ahead of the compaction; what must not happen is a gap.
        for (var i = 1; i <= 100; i++)
        {
            await CommitAsync(Put("a", $"{i}"));
        }

        var head = await HeadAsync();
        await Store.CompactAsync(head, Deadline);
        var seen = 0;
        try
        {
            while (seen < 100)
            {
                Assert.Equal($"{seen + 1}", TextOf((await NextWithChangesAsync(watch)).Changes[0].Envelope!));
                seen++;
            }
        }
        catch (CompactedException compacted)
        {
            Assert.Equal(head, compacted.OldestRevision);
        }
    }

    [Fact]
    public async Task Compact_AboveTheHead_MeansTheHeadAndKeepsTheState()
    {
        var (first, _, third) = await ThreeCommitsAsync();
        var before = await StateAsync();
        await Store.CompactAsync(long.MaxValue, Deadline);
        await Store.CompactAsync(first, Deadline);

        Assert.Equal(new StoreRevisions(third, third), await Store.RevisionsAsync(Deadline));
        AssertSame(before.Objects, (await StateAsync()).Objects);
        var fourth = await CommitAsync(Put("a", "4"));
        Assert.Equal(fourth.Revision, Assert.Single(await EpochsAsync(third, fourth.Revision)).Revision);
    }

    private async Task<(long First, long Second, long Third)> ThreeCommitsAsync()
    {
        var first = await CommitAsync(Put("a", "1"));
        var second = await CommitAsync(Put("a", "2"), Put("b", "2"));
        var third = await CommitAsync(Delete("b"));
        return (first.Revision, second.Revision, third.Revision);
    }

    private static async Task<StoreEpoch> NextWithChangesAsync(IAsyncEnumerator<StoreEpoch> watch)
    {
        do
        {
            Assert.True(await watch.MoveNextAsync(), "the watch ended by itself");
        }
        while (watch.Current.Changes.IsEmpty);

        return watch.Current;
    }
}
