using Notify.Core.Caches;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests.Parts;

/// <summary>Changes for a reader that awaits them: none is slept over, whoever looks when, and nothing is left behind.</summary>
public sealed class MirrorWatchTests : IDisposable
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(30));
    private readonly Mirror _mirror = new SimulatedNode("node", "p", 0, All, isHub: false).Mirror;

    [Fact]
    public async Task ReadAll_BringsWhatIsThere_AndThenEachChange()
    {
        Publish("a", "1");
        await using var watch = Watch();

        Assert.Equal(["+Alarm/a=1"], await NextAsync(watch));
        var next = NextAsync(watch);
        Assert.False(next.IsCompleted);
        Publish("b", "2");
        Assert.Equal(["+Alarm/b=2"], await next);
    }

    [Fact]
    public async Task ReadAll_ChangeTakenBackAfterItWasRead_IsSeen()
    {
        Publish("a", "1");
        await using var watch = Watch(_mirror.Snapshot());
        var next = NextAsync(watch);
        Publish("a", "2");
        Assert.Equal(["~Alarm/a=2"], await next);

        // Compared with where the watch began nothing differs; compared with what its reader has, something does.
        next = NextAsync(watch);
        Publish("a", "1");

        Assert.Equal(["~Alarm/a=1"], await next);
    }

    [Fact]
    public async Task ReadAll_ChangeTakenBackBeforeAnybodyLooked_TellsThatTheViewMovedOn()
    {
        Publish("a", "1");
        var seen = _mirror.Snapshot();
        Publish("a", "2");
        Publish("a", "1");
        await using var watch = Watch(seen);

        Assert.True(await watch.MoveNextAsync());
        Assert.Empty(watch.Current.Changes);
        Assert.Equal(seen.DynamicRevision + 2, watch.Current.After.DynamicRevision);
        Assert.Equal(seen.DynamicRevision, watch.Current.Before.DynamicRevision);
    }

    [Fact]
    public async Task ReadAll_RevisionWithoutChanges_TellsThatTheViewMovedOn()
    {
        _mirror.LoadStore(Scenario.Store, 1, []);
        await using var watch = Watch(_mirror.Snapshot());
        var next = watch.MoveNextAsync();
        Assert.False(next.IsCompleted);

        _mirror.ApplyStoreCommit(7, [], []);

        Assert.True(await next);
        Assert.Equal((0, 7), (watch.Current.Changes.Count, watch.Current.After.StoredRevision));
    }

    [Fact]
    public async Task ReadAll_ViewsWithoutNews_AreNotShown()
    {
        await using var watch = Watch(_mirror.Snapshot());
        var next = NextAsync(watch);

        // A view of its own, in which only what is known of the interest changed.
        var number = _mirror.Snapshot().Number;
        _mirror.TakeSynced(isStored: true, []);
        Assert.True(_mirror.Snapshot().Number > number);
        Publish("a", "1");

        Assert.Equal(["+Alarm/a=1"], await next);
    }

    [Fact]
    public async Task ReadAll_ManyChangesWhileTheReaderIsSlow_ComeMerged()
    {
        await using var watch = Watch(_mirror.Snapshot());
        for (var i = 0; i < 1000; i++)
        {
            Publish($"a{i % 3}", $"{i}");
        }

        Assert.Equal(["+Alarm/a0=999", "+Alarm/a1=997", "+Alarm/a2=998"], await NextAsync(watch));
        var next = NextAsync(watch);
        Assert.False(next.IsCompleted);
        Publish("last", "x");
        Assert.Equal(["+Alarm/last=x"], await next);
    }

    [Fact]
    public async Task ReadAll_WhenCancelled_LeavesNothingBehind()
    {
        using var cancel = new CancellationTokenSource();
        var next = new MirrorWatch(_mirror, _mirror.Snapshot()).ReadAllAsync(cancel.Token).GetAsyncEnumerator(cancel.Token).MoveNextAsync();
        Assert.Equal(1, _mirror.WaitCount);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.AsTask());
        Assert.Equal((0, 0), (_mirror.WaitCount, _mirror.SubscriptionCount));
    }

    public void Dispose() => _deadline.Dispose();

    private void Publish(string name, string value) => _mirror.Publish([Object(Alarm, name, value)], []);

    private IAsyncEnumerator<MirrorChange> Watch(MirrorSnapshot? since = null) =>
        new MirrorWatch(_mirror, since).ReadAllAsync(_deadline.Token).GetAsyncEnumerator(_deadline.Token);

    private static async Task<List<string>> NextAsync(IAsyncEnumerator<MirrorChange> watch)
    {
        Assert.True(await watch.MoveNextAsync());
        return [.. watch.Current.Changes.Select(Recorder.Text)];
    }
}
