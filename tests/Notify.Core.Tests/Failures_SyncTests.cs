using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Core.Sync;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Barrier = Notify.Core.Protocol.Barrier;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>How earlier systems failed at syncs, deletes and filters; see FAILURES.md here for the others.</summary>
public sealed class Failures_SyncTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void G4_DeletesMadeWhileTheScopeWasUnset_AreNoticedWhenItIsSetAgain(bool whileConnected)
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);
        if (!whileConnected)
        {
            link.Cut(scenario.Tree.NowMs);
        }

        leaf.SetInterest(_ => Interest.None);
        scenario.Tree.Settle();
        Holds(leaf);
        scenario.Delete(Id(Inst, "b1"));
        leaf.SetInterest(interest => interest.WithSite("berlin"));
        if (!whileConnected)
        {
            scenario.Connect(leaf);
        }

        scenario.Tree.Settle();
        Holds(leaf);
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G3_ObjectThatIsDeleted_AfterManyUpdates_IsRemovedOnceAndNeverPublishedAgain()
    {
        var scenario = new Scenario();
        var (owner, watcher) = (scenario.Leaf("owner"), scenario.Leaf("watcher", none => none.With(Alarm, Selector.All)));
        scenario.Connect(owner);
        var link = scenario.Connect(watcher);
        owner.Mirror.Publish([Object(Alarm, "a", "0")], []);
        scenario.Tree.Settle();
        var from = link.Log.Count;
        link.DownHeld = true;
        for (var i = 1; i <= 50; i++)
        {
            owner.Mirror.Publish([Object(Alarm, "a", $"{i}")], []);
            scenario.Tree.Settle();
        }

        owner.Mirror.Publish([], [Id(Alarm, "a")]);
        scenario.Tree.Settle();
        link.DownHeld = false;
        scenario.Tree.Settle();
        scenario.Tree.Pass(20_000);

        Assert.Equal("-a (Deleted)", Sent(link, isDown: true, from).Last());
        Assert.True(Sent(link, isDown: true, from).Count <= 3, "A bundle may have been on its way; nothing else.");
        Assert.Single(Sent(link, isDown: true, from), sent => sent.StartsWith('-'));
    }

    [Fact]
    public void G3_Progress_ThatComesWhileABundleIsOpen_DoesNotOvertakeIt()
    {
        var scenario = new Scenario(new() { HeartbeatMs = 100, StallMs = 1_000_000 }).WithSmallWorld();
        var large = new string('x', 1000);
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        var link = scenario.Connect(leaf);
        link.WindowFrames = 0;
        scenario.Write([.. Enumerable.Range(0, 300).Select(i => Object(Inst, $"i{i}", large, "berlin"))]);
        link.WindowFrames = 4;

        // Frame by frame, with heartbeats in between and with someone who asks how far the leaf is.
        var (sawOpen, replies) = (false, 0);
        for (var i = 0; i < 400; i++)
        {
            link.Tick(scenario.Tree.NowMs + i * 20);
            link.Step(scenario.Tree.NowMs + i * 20);
            var ended = link.Log.Exists(entry => entry.Frame.BundleEnd is { Space: SpaceKind.Stored, Revision: 5 });
            if (!ended)
            {
                sawOpen |= link.Log.Exists(entry => entry.Frame.BundleChanges is { Changes.Count: > 10 });
                Assert.Equal(4, leaf.Mirror.Snapshot().StoredRevision);
                Assert.Equal(2, leaf.Mirror.Snapshot().Count(Inst));
                replies += link.Log.Count(entry => entry.Frame.Heartbeat is not null);
            }
        }

        Assert.True(sawOpen && replies > 0, "The bundle was too small to be seen open, or no heartbeat came meanwhile.");
        Assert.Equal((5, 302), (leaf.Mirror.Snapshot().StoredRevision, leaf.Mirror.Snapshot().Count(Inst)));
    }

    [Fact]
    public void G3_Barrier_ForARevisionThatIsNotThereYet_NamesTheNode()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        var link = scenario.Connect(leaf);
        var next = (ulong)link.Log.Count(entry => entry.IsDown);

        BarrierReply Ask(long revision)
        {
            link.Client.Receive(
                new Frame { Number = ++next, Barrier = new Barrier { Id = next, Space = SpaceKind.Stored, Revision = revision } }.ToByteArray(), scenario.Tree.NowMs);
            Assert.True(link.Client.TryWrite(scenario.Tree.NowMs, out var frame));
            return Frame.Parser.ParseFrom(frame.Span).BarrierReply;
        }

        Assert.Equal(0u, Ask(4).Pending);
        var pending = Ask(5);
        Assert.Equal((1u, "leaf"), (pending.Pending, Assert.Single(pending.PendingNodes)));
    }

    [Fact]
    public void G8_KeyUpdatedWhileItWaits_IsSentOnceWithItsLastValue()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All).With(App, Selector.All));
        var link = scenario.Connect(leaf);
        var from = link.Log.Count;
        link.WindowFrames = 0;
        for (var i = 0; i < 100; i++)
        {
            scenario.Write(Object(Inst, "b1", $"{i}", i % 2 == 0 ? "berlin" : "paris", (App, "web")));
            scenario.Write(Object(App, "web", $"{i}"));
        }

        link.WindowFrames = 4;
        scenario.Tree.Settle();

        Assert.Equal(["web", "b1"], Sent(link, isDown: true, from));
        Holds(leaf, "App/web=99", "Inst/b1=99", "Inst/p1=y");
    }

    [Fact]
    public void G7_DependentAndItsTarget_WrittenWhileABundleIsOpen_NeverShowOneWithoutTheOther()
    {
        var scenario = new Scenario();
        var large = new string('x', 1000);
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);
        scenario.Tree.Stepped = () =>
        {
            var view = leaf.Mirror.Snapshot();
            foreach (var inst in view.List(Inst, null))
            {
                Assert.All(inst.References, target => Assert.NotNull(view.Find(target)));
            }
        };

        link.DownHeld = true;
        for (var i = 0; i < 40; i++)
        {
            scenario.Commit(
                [Object(Flavor, $"f{i}", large), Object(App, $"a{i}", large, null, (Flavor, $"f{i}")), Object(Inst, $"i{i % 5}", $"{i}", "berlin", (App, $"a{i}"))],
                i < 5 ? [] : [Id(App, $"a{i - 5}"), Id(Flavor, $"f{i - 5}")]);
            link.DownHeld = i % 3 != 0;
            link.Step(scenario.Tree.NowMs);
        }

        link.DownHeld = false;
        scenario.Tree.Settle();
        Assert.Equal((5, 5, 5), (leaf.Mirror.Snapshot().Count(Inst), leaf.Mirror.Snapshot().Count(App), leaf.Mirror.Snapshot().Count(Flavor)));
    }

    [Fact]
    public void G6_ItemThatNobodyServes_HoldsNoOtherBack()
    {
        var scenario = new Scenario().WithSmallWorld();
        var types = All.Append(new("t.Unheard", Types.TypeKind.Stored, All[0].KeyLayout)).ToArray();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin").With("t.Unheard", Selector.Called(Key("later"))), types: types);
        scenario.Connect(leaf);

        scenario.Write(Object(Inst, "b2", "new", "berlin", (App, "web")));

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x", "Inst/b2=new");
        Assert.Equal(Core.Sync.Completeness.NotServed, leaf.Mirror.Upstream.OfType("t.Unheard").Single().Completeness);
    }

    [Fact]
    public void G11_ReferenceThatIsGivenTwice_CountsOnce()
    {
        var scenario = new Scenario();
        var job = new Types.TypeDeclaration("t.Job", Types.TypeKind.Dynamic, All[0].KeyLayout) { ScopeType = Site, RefersTo = [Alarm] };
        scenario.Hub.Mirror.Types.Declare(job);
        var watcher = scenario.Leaf("watcher", none => none.With("t.Job", Selector.In(InSite("berlin"))).With(Alarm, Selector.Referred), types: All.Append(job));
        scenario.Connect(watcher);
        var peer = new RawPeer(scenario).Open(hello => hello.Types_.Add(Sessions.WireTypes.ToWire(new Types.CacheType(50, job, objectType: null))));
        Change Job(string name, params string[] alarms) => peer.Change(Alarm, name, change =>
        {
            (change.Type, change.Stamp.Revision) = (50, change.Stamp.Revision);
            change.Scopes.Add(Key("berlin"));
            change.References.Add(alarms.Select(alarm => new Reference { Type = RawPeer.NumberOf(Alarm), Key = Key(alarm) }));
        });

        peer.Begin();
        peer.Changes(peer.Change(Alarm, "a"), Job("j", "a"));
        peer.End();
        peer.Begin(revision: 2);
        peer.Changes(Stamped(Job("j", "a", "a"), 2));
        peer.End(revision: 2);
        peer.Begin(revision: 3);
        peer.Changes(Stamped(Job("j"), 3));
        peer.End(revision: 3);
        scenario.Tree.Settle();

        Assert.Null(peer.Session.End);
        Assert.Equal((1, 0), (watcher.Mirror.Snapshot().Count("t.Job"), watcher.Mirror.Snapshot().Count(Alarm)));

        static Change Stamped(Change change, long revision)
        {
            (change.Revision, change.Stamp.Revision) = (revision, revision);
            return change;
        }
    }

    [Fact]
    public async Task G6_InterestAndObjects_ChangedByOtherThreadsWhileASessionRuns_EndRight()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);
        var (revision, stopped) = (scenario.Revision, false);
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < 3000; i++)
            {
                revision++;
                scenario.Hub.Mirror.ApplyStoreCommit(
                    revision, [Object(Inst, $"i{i % 20}", $"{i}", i % 3 == 0 ? "berlin" : "paris", (App, i % 2 == 0 ? "web" : "db")) with { Revision = revision }], []);
            }
        });
        var asking = Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                leaf.SetInterest(_ => (i % 4) switch
                {
                    0 => Interest.None,
                    1 => Interest.None.With(Inst, Selector.All),
                    2 => Interest.None.WithSite("paris"),
                    _ => Interest.None.WithSite("berlin").WithSite("paris"),
                });
            }
        });
        var both = Task.WhenAll(writing, asking).ContinueWith(_ => Volatile.Write(ref stopped, true), TaskScheduler.Default);
        while (!Volatile.Read(ref stopped))
        {
            link.Step(scenario.Tree.NowMs);
        }

        await both;
        await writing;
        await asking;
        leaf.SetInterest(_ => Interest.None.WithSite("berlin"));
        scenario.Tree.Pass(10_000);

        Assert.Null(link.Client.End);
        var all = new[] { Flavor, App, Inst }.SelectMany(type => scenario.Hub.Mirror.Snapshot().List(type)).ToArray();
        Holds(leaf, MirrorOracle.Text(MirrorOracle.Wanted(all, leaf.Mirror.Interest)));
        Assert.True(leaf.Mirror.IsSynced);
    }
}
