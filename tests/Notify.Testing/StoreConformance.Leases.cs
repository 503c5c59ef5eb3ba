using Notify.Core.Storage;
using Notify.Core.Types;
using Xunit;

namespace Notify.Testing;

public abstract partial class StoreConformance
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task LeasedObject_IsThereUntilItsLeaseIsDisposedOf()
    {
        await CommitAsync(Put("a", "1"));
        var before = await HeadAsync();
        var lease = await Store.LeaseAsync(Put("process", "x", Other).Envelope!, Ttl, Deadline);
        Assert.Equal("x", (await StateAsync()).Objects[Id("process", Other)].Value.ToStringUtf8());

        await lease.DisposeAsync();
        Assert.Equal([Id("a")], (await StateAsync()).Objects.Keys);
        Assert.False(lease.Lost.IsCompleted);

        // Both are changes like any others.
        await using var watch = Store.WatchAsync(before, Deadline).GetAsyncEnumerator(Deadline);
        var seen = new List<StoreChange>();
        while (seen.Count < 2)
        {
            Assert.True(await watch.MoveNextAsync());
            seen.AddRange(watch.Current.Changes);
        }

        Assert.Equal([true, false], seen.Select(change => change.Envelope is not null));
        Assert.All(seen, change => Assert.Equal(Id("process", Other), change.Id));
    }

    [Fact]
    public async Task LeasedObject_ThatWasLeasedAgain_OutlivesTheLeaseBefore()
    {
        var first = await Store.LeaseAsync(Put("process", "1", Other).Envelope!, Ttl, Deadline);
        await using var second = await Store.LeaseAsync(Put("process", "2", Other).Envelope!, Ttl, Deadline);
        await first.DisposeAsync();
        Assert.Equal("2", (await StateAsync()).Objects[Id("process", Other)].Value.ToStringUtf8());
    }

    [Fact]
    public async Task Lease_OfAnUndeclaredTypeOrTooLargeAnObject_IsRefused()
    {
        var undeclared = new Envelope(Id("a", "test.Unknown"), Google.Protobuf.ByteString.Empty);
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.LeaseAsync(undeclared, Ttl, Deadline));
        var large = Put("a", new string('x', TestLimits.ObjectBytesMax + 1)).Envelope!;
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.LeaseAsync(large, Ttl, Deadline));
        Assert.Empty((await StateAsync()).Objects);
    }

    [Fact]
    public async Task CommitOnConditionOfALeasedObject_FailsOnceItHasGone()
    {
        var lease = await Store.LeaseAsync(Put("process", "x", Other).Envelope!, Ttl, Deadline);
        var held = (await StateAsync()).Objects[Id("process", Other)].Revision;
        Assert.IsType<CommitResult.Committed>(await TryCommitAsync(new(Id("process", Other), held), Put("a", "1")));
        await lease.DisposeAsync();
        Assert.IsType<CommitResult.ConditionFailed>(await TryCommitAsync(new(Id("process", Other), held), Put("a", "2")));
    }
}
