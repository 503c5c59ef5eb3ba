using Notify.Core.Caches;
using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Core.Types;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Epochs are atomic: a view and a handler see all or nothing of one.</summary>
public sealed class G2Tests
{
    private static readonly string s_large = new('x', 1000);

    /// <summary>One number in two objects of different types, with some frames of others between them in reference order.</summary>
    private static Envelope[] Epoch(int number) =>
    [
        Object(Flavor, "counter", $"{number}"),
        .. Enumerable.Range(0, 200).Select(i => Object(App, $"app{i}", s_large + number)),
        Object(Inst, "counter", $"{number}"),
    ];

    private static Interest Everything(Interest none) => none.With(Flavor, Selector.All).With(App, Selector.All).With(Inst, Selector.All);

    private static (string? Flavor, string? App, string? Inst) Read(Caches.MirrorSnapshot view) => (
        view.Find(Id(Flavor, "counter"))?.Value.ToStringUtf8(),
        view.Find(Id(App, "app199"))?.Value.ToStringUtf8()[1000..],
        view.Find(Id(Inst, "counter"))?.Value.ToStringUtf8());

    private static void IsWhole(Caches.MirrorSnapshot view)
    {
        var (flavor, app, inst) = Read(view);
        Assert.Equal(flavor, inst);
        Assert.Equal(flavor, app);
    }

    [Fact]
    public void G2_Bundle_OfSeveralFrames_IsSeenWholeByViewsAndHandlers()
    {
        var scenario = new Scenario();
        var leaf = scenario.Leaf("leaf", Everything);
        scenario.Write(Epoch(0));
        var link = scenario.Connect(leaf);
        var seen = new HashSet<string?>();
        scenario.Tree.Stepped = () =>
        {
            IsWhole(leaf.Mirror.Snapshot());
            seen.Add(Read(leaf.Mirror.Snapshot()).Flavor);
        };
        var handled = 0;
        leaf.Mirror.Subscribe(change =>
        {
            IsWhole(change.Before);
            IsWhole(change.After);
            handled++;
        });

        for (var number = 1; number <= 10; number++)
        {
            var before = link.Log.Count(entry => entry.Frame.BundleChanges is not null);
            scenario.Write(Epoch(number));
            Assert.True(link.Log.Count(entry => entry.Frame.BundleChanges is not null) - before > 1, "The epoch fits into one frame; make it larger.");
        }

        Assert.Equal(11, seen.Count);
        Assert.True(handled >= 10);
    }

    [Fact]
    public void G2_Epochs_CommittedWhileABundleIsOpen_AreMergedWhole()
    {
        var scenario = new Scenario();
        var leaf = scenario.Leaf("leaf", Everything);
        scenario.Write(Epoch(0));
        var link = scenario.Connect(leaf);
        var seen = new List<string?>();
        scenario.Tree.Stepped = () =>
        {
            IsWhole(leaf.Mirror.Snapshot());
            seen.Add(Read(leaf.Mirror.Snapshot()).Flavor);
        };

        link.DownHeld = true;
        for (var number = 1; number <= 20; number++)
        {
            scenario.Write(Epoch(number));
        }

        link.DownHeld = false;
        scenario.Tree.Settle();

        Assert.Equal(["0", "1", "20"], seen.Distinct());
    }

    [Fact]
    public void G2_FirstSync_StaysInvisibleUntilItsEnd()
    {
        var scenario = new Scenario();
        scenario.Write(Epoch(7));
        var leaf = scenario.Leaf("leaf", Everything);
        var counts = new HashSet<int>();
        scenario.Tree.Stepped = () => counts.Add(leaf.Mirror.Snapshot().Count(App));

        scenario.Connect(leaf);

        Assert.Equal([0, 200], counts.Order());
    }

    [Fact]
    public void G2_Bundle_ThatBreaksOff_LeavesNothingOfItself()
    {
        var scenario = new Scenario();
        var leaf = scenario.Leaf("leaf", Everything);
        scenario.Write(Epoch(0));
        var link = scenario.Connect(leaf);
        var frames = 0;
        scenario.Tree.Stepped = () =>
        {
            if (link.Log[^1].Frame.BundleChanges is not null && ++frames == 2)
            {
                link.Cut(scenario.Tree.NowMs);
            }
        };

        scenario.Write(Epoch(1));

        Assert.NotNull(link.Client.End);
        Assert.Equal(("0", "0", "0"), Read(leaf.Mirror.Snapshot()));
        scenario.Connect(leaf);
        Assert.Equal(("1", "1", "1"), Read(leaf.Mirror.Snapshot()));
    }

    [Fact]
    public void G2_Publish_OfSeveralObjects_IsSeenWholeAboveAndBesides()
    {
        var scenario = new Scenario();
        var owner = scenario.Leaf("owner");
        var watcher = scenario.Leaf("watcher", none => none.With(Status, Selector.All).With(Alarm, Selector.All));
        scenario.Connect(owner);
        scenario.Connect(watcher);
        void IsPair(Caches.MirrorSnapshot view) => Assert.Equal(
            view.Find(Id(Alarm, "a"))?.Value.ToStringUtf8(), view.Find(Id(Status, "a"))?.Value.ToStringUtf8());
        scenario.Tree.Stepped = () =>
        {
            IsPair(scenario.Hub.Mirror.Snapshot());
            IsPair(watcher.Mirror.Snapshot());
        };

        for (var number = 0; number < 10; number++)
        {
            var fill = Enumerable.Range(0, 100).Select(i => Object(Note, $"n{i}", s_large + number));
            owner.Mirror.Publish([Object(Alarm, "a", $"{number}"), .. fill, Object(Status, "a", $"{number}", "berlin")], []);
            scenario.Tree.Settle();
        }

        Assert.Equal("9", watcher.Mirror.Snapshot().Find(Id(Status, "a"))?.Value.ToStringUtf8());
    }

    [Fact]
    public void G2_Handler_ThatIsSlow_GetsWholeEpochsMerged()
    {
        var scenario = new Scenario();
        var leaf = scenario.Leaf("leaf", Everything);
        scenario.Write(Epoch(0));
        scenario.Connect(leaf);
        var recorder = new Recorder(leaf);
        leaf.HandlersStalled = true;
        for (var number = 1; number <= 5; number++)
        {
            scenario.Write(Epoch(number));
        }

        leaf.HandlersStalled = false;
        scenario.Tree.Settle();

        var call = Assert.Single(recorder.Calls);
        Assert.Equal(202, call.Changes.Count);
        Assert.Equal(("5", "5", "5"), Read(call.After));
        Assert.Equal(("0", "0", "0"), Read(call.Before));
    }

    [Fact]
    public void G2_Bundle_AboveTheStagingLimit_ClearsSyncedUntilItsEnd()
    {
        var scenario = new Scenario(new SessionLimits { StagedBytesMax = 50_000 });
        var leaf = scenario.Leaf("leaf", Everything);
        scenario.Write(Epoch(0));
        scenario.Connect(leaf);
        Assert.True(leaf.Mirror.IsSynced);
        var mixed = 0;
        scenario.Tree.Stepped = () =>
        {
            var (flavor, app, inst) = Read(leaf.Mirror.Snapshot());
            if (flavor != inst || flavor != app)
            {
                mixed++;
                Assert.False(leaf.Mirror.IsSynced, "A view of half an epoch passes for synced.");
            }
        };

        scenario.Write(Epoch(1));

        Assert.True(mixed > 0, "The bundle was kept aside as a whole; make it larger.");
        Assert.True(leaf.Mirror.IsSynced);
        Assert.Equal(("1", "1", "1"), Read(leaf.Mirror.Snapshot()));
    }

    [Fact]
    public async Task G2_SyncedView_AskedForInTheMiddleOfABundleAboveTheStagingLimit_IsThatOfItsEnd()
    {
        var scenario = new Scenario(new SessionLimits { StagedBytesMax = 50_000 });
        var leaf = scenario.Leaf("leaf", Everything);
        scenario.Write(Epoch(0));
        scenario.Connect(leaf);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var early = new MirrorWatch(leaf.Mirror).ReadSyncedAsync(deadline.Token).GetAsyncEnumerator();
        await using var late = new MirrorWatch(leaf.Mirror).ReadSyncedAsync(deadline.Token).GetAsyncEnumerator();
        Assert.True(await early.MoveNextAsync());
        Assert.Equal(("0", "0", "0"), Read(early.Current));

        var next = early.MoveNextAsync().AsTask();
        Task<bool>? asked = null;
        scenario.Tree.Stepped = () =>
        {
            var (flavor, _, inst) = Read(leaf.Mirror.Snapshot());
            if (asked is null && flavor != inst)
            {
                asked = late.MoveNextAsync().AsTask();
                Assert.False(asked.IsCompleted, "A view of half an epoch passes for synced.");
            }
        };
        scenario.Write(Epoch(1));

        Assert.True(await asked! && await next);
        Assert.Equal((("1", "1", "1"), ("1", "1", "1")), (Read(early.Current), Read(late.Current)));
    }
}
