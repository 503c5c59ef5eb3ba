using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Harness.Demo.Nodes;
using Notify.Storage.Etcd;
using Notify.Testing;
using Notify.Testing.Etcd;

namespace Notify.Storage.Tests.Etcd;

/// <summary>What becomes of a store, and of a mirror fed from it, when etcd or the line to it fails.</summary>
public sealed class EtcdFaultTests : EtcdTest
{
    [Fact]
    public async Task G10_Kill_OfEtcdWhileCommitsGoOn_LosesNothingAcknowledgedAndHalvesNothing()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        var store = await OpenAsync(etcd);
        await using var node = await FollowAsync(store);
        var before = await CommitAsync(store, FedNode.Put(250, "before"));
        await node.Mirror.WaitForStoredRevisionAsync(before.Revision, Deadline);
        var fates = new Dictionary<int, string>();
        var some = new TaskCompletionSource();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 240; i += 2)
            {
                fates[i] = await FateOfAsync(store, FedNode.Put(i, $"{i}"), FedNode.Put(i + 1, $"{i}"));
                if (i == 20)
                {
                    some.SetResult();
                }
            }
        });
        await some.Task;
        await etcd.KillAsync();
        await writing;
        Assert.Contains("unavailable", fates.Values);
        Assert.Equal("before", node.Mirror.Snapshot().Find(FedNode.Id(250))!.Value.ToStringUtf8());

        await etcd.StartAsync();
        var after = await CommitWhenBackAsync(store, FedNode.Put(251, "after"));
        await node.Mirror.WaitForStoredRevisionAsync(after.Revision, Deadline);

        var state = await StateAsync(store);
        foreach (var (i, fate) in fates)
        {
            var (first, second) = (state.ContainsKey(FedNode.Id(i)), state.ContainsKey(FedNode.Id(i + 1)));
            Assert.Equal(first, second);
            Assert.True(fate switch { "done" => first, "unavailable" => !first, _ => true }, $"commit {i} is {fate}, and there: {first}");
        }

        Assert.Equal(state.Values.OrderBy(one => one.Id), node.Mirror.Snapshot().List(FedNode.Thing).OrderBy(one => one.Id));
        Assert.Equal(before.Revision, state[FedNode.Id(250)].Revision);
    }

    [Fact]
    public async Task G4_Freeze_OfEtcd_LeavesTheMirrorAndFailsWritesAndHealsWithoutAFlap()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        await using var node = await FollowAsync(await OpenAsync(etcd));
        var first = await CommitAsync(node.Store, FedNode.Put(1, "1"), FedNode.Put(2, "1"));
        await node.Mirror.WaitForStoredRevisionAsync(first.Revision, Deadline);
        var changes = Collect(node);

        etcd.Freeze();
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await CommitAsync(node.Store, FedNode.Put(3, "1")));
        Assert.Contains(etcd.Address.Authority, failure.Message, StringComparison.Ordinal);
        await Log.HasAsync("Warning 4002", Deadline);
        Assert.Contains(Log.Lines, line => line.Contains("silent", StringComparison.Ordinal));
        Assert.Equal((2, first.Revision), (node.Mirror.Snapshot().Count(FedNode.Thing), node.Mirror.Snapshot().StoredRevision));

        etcd.Thaw();
        var second = await CommitWhenBackAsync(node.Store, FedNode.Put(4, "1"));
        await node.Mirror.WaitForStoredRevisionAsync(second.Revision, Deadline);
        Assert.Equal([FedNode.Id(4)], await changes());
    }

    [Fact]
    public async Task G4_Line_ThatGoesSilent_IsNoticedAndReplaced()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        await using var line = new TcpProxy(etcd.Address.Host, etcd.Address.Port);
        await using var direct = await OpenAsync(etcd);
        await using var node = await FollowAsync(await OpenAsync(Options(line.Address)));

        var seen = await CommitAsync(direct, FedNode.Put(0, "1"));
        await node.Mirror.WaitForStoredRevisionAsync(seen.Revision, Deadline);

        line.Silence();
        var missed = await CommitAsync(direct, FedNode.Put(1, "1"));
        await Log.HasAsync("Warning 4002", Deadline);
        Assert.Contains(Log.Lines, line => line.Contains("silent", StringComparison.Ordinal));

        await node.Mirror.WaitForStoredRevisionAsync(missed.Revision, Deadline);
        Assert.NotNull(node.Mirror.Snapshot().Find(FedNode.Id(1)));
    }

    [Fact]
    public async Task G4_Compaction_WhileTheWatchIsAway_IsHealedWithRealDifferencesOnly()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        await using var line = new TcpProxy(etcd.Address.Host, etcd.Address.Port);
        await using var direct = await OpenAsync(etcd);
        var loaded = await CommitAsync(direct, [.. Enumerable.Range(0, 5).Select(i => FedNode.Put(i, "1"))]);
        await using var node = await FollowAsync(await OpenAsync(Options(line.Address)));
        await node.Mirror.WaitForStoredRevisionAsync(loaded.Revision, Deadline);
        var changes = Collect(node);

        line.Cut();
        await CommitAsync(direct, StoreChange.Delete(FedNode.Id(0)));
        await CommitAsync(direct, FedNode.Put(6, "gone before anybody saw it"));
        await CommitAsync(direct, StoreChange.Delete(FedNode.Id(6)));
        var last = await CommitAsync(direct, FedNode.Put(1, "2"), FedNode.Put(7, "1"));
        await direct.CompactAsync(last.Revision, Deadline);
        line.Heal();

        await node.Mirror.WaitForStoredRevisionAsync(last.Revision, Deadline);
        Assert.Equal([FedNode.Id(0), FedNode.Id(1), FedNode.Id(7)], await changes());
        Assert.Contains(Log.Lines, line => line.StartsWith("Warning 4001", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Revisions_OfOthers_MoveTheHeadOfAnIdleStoreSoThatItsWatchSurvivesTheirCompaction()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        await using var line = new TcpProxy(etcd.Address.Host, etcd.Address.Port);
        await using var node = await FollowAsync(await OpenAsync(Options(line.Address) with { TickRevisions = 5 }));
        var mine = node.Mirror.Snapshot().StoredRevision;
        for (var i = 0; i < 10; i++)
        {
            await etcd.CtlAsync("put", "/others/key", $"{i}");
        }

        await node.Mirror.WaitForStoredRevisionAsync(mine + 10, Deadline);
        var moved = node.Mirror.Snapshot().StoredRevision;
        var snapshots = node.Store.Snapshots;
        await etcd.CtlAsync("compact", $"{moved}");
        line.Cut();
        line.Heal();
        var next = await CommitWhenBackAsync(node.Store, FedNode.Put(1, "1"));
        await node.Mirror.WaitForStoredRevisionAsync(next.Revision, Deadline);

        Assert.Equal(snapshots, node.Store.Snapshots);
        Assert.Equal(new StoreRevisions(moved, next.Revision), await node.Store.RevisionsAsync(Deadline));
    }

    [Fact]
    public async Task Etcd_ThatIsFull_RefusesWritesAndSaysWhyAndGoesOnServing()
    {
        await using var etcd = await EtcdProcess.StartAsync("--quota-backend-bytes", "500000");
        await using var node = await FollowAsync(await OpenAsync(etcd));
        var last = await CommitAsync(node.Store, FedNode.Put(0, "1"));
        var full = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            for (var i = 0; ; i++)
            {
                last = await CommitAsync(node.Store, FedNode.Put(1, $"{i}" + new string('x', 100_000)));
            }
        });
        Assert.Contains("database space exceeded", full.Message, StringComparison.Ordinal);

        await node.Mirror.WaitForStoredRevisionAsync(last.Revision, Deadline);
        Assert.Equal(node.Mirror.Snapshot().List(FedNode.Thing), (await StateAsync(node.Store)).Values.OrderBy(one => one.Id));
        Assert.Empty(Log.Lines);
    }

    [Theory]
    [InlineData("etcd-cluster", "Critical 4003")] // The same cluster id: etcd is behind what the mirror has.
    [InlineData("another", "Critical 4201")]
    public async Task G3_Restore_OfTheClusterUnderTheSameIdentity_IsNotFollowedUntilItHasANewIncarnation(string token, string alarm)
    {
        await using var etcd = await EtcdProcess.StartAsync();
        var store = await OpenAsync(etcd);
        await using var node = await FollowAsync(store);
        await CommitAsync(store, FedNode.Put(1, "kept"));
        var backup = Path.GetTempFileName();
        await etcd.BackUpAsync(backup);
        var lost = await CommitAsync(store, FedNode.Put(2, "lost"));
        await node.Mirror.WaitForStoredRevisionAsync(lost.Revision, Deadline);

        await etcd.RestoreAsync(backup, token);
        File.Delete(backup);
        await Log.HasAsync(alarm, Deadline);
        Assert.Equal((2, lost.Revision), (node.Mirror.Snapshot().Count(FedNode.Thing), node.Mirror.Snapshot().StoredRevision));

        var (before, after) = await EtcdObjectStore.RenewAsync(Options(etcd.Address), new Random(), Log.For<EtcdObjectStore>(), Deadline);
        Assert.Equal((store.Identity, store.Identity.Store), (before, after.Store));
        Assert.NotEqual(before.Incarnation, after.Incarnation);
        await using var renewed = await OpenAsync(etcd);
        Assert.Equal(after, renewed.Identity);
        Assert.Equal([FedNode.Id(1)], (await StateAsync(renewed)).Keys);
    }

    [Fact]
    public async Task NewIncarnation_WhileTheStoreIsOpen_EndsTheFeedAndRefusesCommits()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        var store = await OpenAsync(etcd);
        await using var node = await FollowAsync(store);
        var (_, after) = await EtcdObjectStore.RenewAsync(Options(etcd.Address), new Random(), Log.For<EtcdObjectStore>(), Deadline);

        var replaced = await Assert.ThrowsAsync<StoreReplacedException>(() => node.Running.WaitAsync(Deadline));
        Assert.Contains($"{after.Incarnation:N}", replaced.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await CommitAsync(store, FedNode.Put(1, "1")));
    }

    private async Task<string> FateOfAsync(IObjectStore store, params StoreChange[] changes)
    {
        try
        {
            await CommitAsync(store, changes);
            return "done";
        }
        catch (StoreUnavailableException)
        {
            return "unavailable";
        }
        catch (CommitOutcomeUnknownException)
        {
            return "unknown";
        }
    }

    /// <summary>Collects the objects that change from now on; what is returned waits until all changes so far were handled.</summary>
    private static Func<Task<IReadOnlyList<ObjectId>>> Collect(FedNode node)
    {
        var changed = new List<ObjectId>();
        var subscription = node.Mirror.Subscribe(
            change =>
            {
                lock (changed)
                {
                    changed.AddRange(change.Changes.Select(one => one.Id));
                }
            },
            node.Mirror.Snapshot());
        return async () =>
        {
            await Until.HandledAsync(node.Mirror);
            subscription.Dispose();
            lock (changed)
            {
                return [.. changed.Order()];
            }
        };
    }
}
