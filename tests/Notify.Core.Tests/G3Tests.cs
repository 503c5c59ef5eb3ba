using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Core.Transport;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;
using Space = Notify.Core.Journal.Space;

namespace Notify.Core.Tests;

/// <summary>No going back: the revision seen of a key never decreases within a space and incarnation.</summary>
public sealed class G3Tests
{
    [Fact]
    public void G3_Failover_ToALaggingHub_WaitsAndSaysSo()
    {
        var scenario = new Scenario().WithSmallWorld();
        var other = scenario.AddHub("other");
        scenario.CatchUp(other);
        scenario.Write(Object(Inst, "b1", "new", "berlin", (App, "web")));
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        var recorder = new Recorder(leaf);

        var link = scenario.Connect(leaf, other);
        var ahead = new List<(long Revision, long Head)>();
        link.Server.PeerAhead += (revision, head) => ahead.Add((revision, head));
        Assert.Empty(ahead);
        scenario.Tree.Pass(6000);
        Assert.Equal([(leaf.Mirror.Snapshot().StoredRevision, other.Mirror.Snapshot().StoredRevision)], ahead);

        Assert.Null(link.Client.End);
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=new");
        Assert.Empty(recorder.Events);
        Assert.DoesNotContain(link.Log, entry => entry.Frame.BundleBegin is { Space.Kind: SpaceKind.Stored });
        var heartbeat = link.Log.Last(entry => entry is { IsDown: true, Frame.Heartbeat: not null }).Frame.Heartbeat;
        Assert.True(heartbeat.Spaces.Single(space => space.Space == SpaceKind.Stored).Behind);

        scenario.CommitUnseen([Object(Inst, "b2", "z", "berlin")], []);
        scenario.CatchUp(other);
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=new", "Inst/b2=z");
    }

    [Fact]
    public void G3_Failover_ToALaggingHub_WithNothingToResume_WaitsToo()
    {
        // The interest changed completely while the node was away, so there is no item to go on with; what it has seen counts all the same.
        var scenario = new Scenario().WithSmallWorld();
        var other = scenario.AddHub("other");
        scenario.CatchUp(other, upTo: 3);
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        leaf.SetInterest(_ => Interest.None.With(App, Selector.All));

        var link = scenario.Connect(leaf, other);
        Assert.Null(link.Client.End);
        Holds(leaf);

        scenario.CatchUp(other);
        Assert.Null(link.Client.End);
        Holds(leaf, "App/web=a");
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G3_BundleTooLargeToKeepAside_ThatBrokeOff_IsNotGoneOnWithAtAHubBehindIt()
    {
        var scenario = new Scenario(new SessionLimits { StagedBytesMax = 1 }).WithSmallWorld();
        var other = scenario.AddHub("other");
        scenario.CatchUp(other);
        var leaf = scenario.Leaf("leaf", none => none.With(App, Selector.All));
        var link = scenario.Connect(leaf);
        link.WindowFrames = 1;

        // Two objects that do not fit into one frame: the first part is applied, the rest is lost.
        var large = new string('x', 100_000);
        scenario.CommitUnseen([Object(App, "web", large), Object(App, "zoo", large)], []);
        scenario.Hub.Mirror.ApplyStoreCommit(
            scenario.Revision, scenario.State().Values.Where(version => version.Revision == scenario.Revision), []);
        while (leaf.Mirror.Snapshot().Find(Id(App, "web"))!.Value.Length < 100_000)
        {
            Assert.True(link.Step(scenario.Tree.NowMs));
        }

        link.Cut(scenario.Tree.NowMs);
        Assert.False(leaf.Mirror.IsSynced);
        Assert.Equal(4, leaf.Mirror.Snapshot().StoredRevision);

        // The other hub has revision 4 only: what it would call complete is a mixture of 4 and 5 at the leaf.
        var second = scenario.Connect(leaf, other);
        Assert.False(leaf.Mirror.IsSynced);
        scenario.CatchUp(other);
        Assert.Null(second.Client.End);
        Assert.True(leaf.Mirror.IsSynced);
        Assert.Equal(2, leaf.Mirror.Snapshot().Count(App));
    }

    [Fact]
    public void G3_Versions_SentAgain_AreDroppedAndRaiseNothing()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        scenario.Connect(leaf);
        var recorder = new Recorder(leaf);
        var bundle = new IncomingBundle(Store, isStored: true, scenario.Revision, 0, []) { IsComplete = true };
        bundle.Changes.Add(new IncomingChange(Id(Inst, "b1"), Object(Inst, "b1", "old", "berlin") with { Revision = 2 }, 2, false, null));
        bundle.Changes.Add(new IncomingChange(Id(Inst, "p1"), Object(Inst, "p1", "again", "paris") with { Revision = 4 }, 4, false, null));

        leaf.Mirror.CommitFromUpstream(bundle);
        scenario.Tree.Settle();

        Holds(leaf, "Inst/b1=x", "Inst/p1=y");
        Assert.Empty(recorder.Events);
        Assert.Equal(2, leaf.Mirror.Counters.Resent);
    }

    [Fact]
    public void G3_StaleCreate_AfterItsDelete_StaysDeleted()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        scenario.Connect(leaf);
        scenario.Delete(Id(Inst, "b1"));
        var bundle = new IncomingBundle(Store, isStored: true, scenario.Revision, 0, []) { IsComplete = true };
        bundle.Changes.Add(new IncomingChange(Id(Inst, "b1"), Object(Inst, "b1", "x", "berlin") with { Revision = 3 }, 3, false, null));

        leaf.Mirror.CommitFromUpstream(bundle);

        Holds(leaf, "Inst/p1=y");
    }

    [Fact]
    public void G3_ObjectThatLeft_ComesBackAtItsOldRevision()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        scenario.Connect(leaf);

        leaf.SetInterest(_ => Interest.None.WithSite("paris"));
        scenario.Tree.Settle();
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/p1=y");
        leaf.SetInterest(_ => Interest.None.WithSite("berlin"));
        scenario.Tree.Settle();

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x");
    }

    [Fact]
    public void G3_Incarnation_ThatIsNew_IsSyncedFromTheBeginning()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        scenario.Connect(leaf);
        var recorder = new Recorder(leaf);

        // A restore to revision 3: p1 was not yet there, and the revisions that follow were used before.
        scenario.Load(scenario.Hub, Store with { Incarnation = "2" }, upTo: 3);

        Assert.Equal(["-Inst/p1"], recorder.Events);
        Holds(leaf, "Inst/b1=x");
        Assert.Equal(3, leaf.Mirror.Snapshot().StoredRevision);
        scenario.Hub.Mirror.ApplyStoreCommit(4, [Object(Inst, "b1", "after", "berlin") with { Revision = 4 }], []);
        scenario.Tree.Settle();
        Holds(leaf, "Inst/b1=after");
    }

    [Fact]
    public void G3_Incarnation_ChangedWhileAway_IsSyncedFromTheBeginning()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        var restored = scenario.AddHub("restored");
        scenario.Load(restored, Store with { Incarnation = "2" }, upTo: 3);

        scenario.Connect(leaf, restored);

        Holds(leaf, "Inst/b1=x");
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void G3_Incarnation_OfAStoreThatNothingIsAskedOf_IsToldBeforeItsRevisions(bool isAway)
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        var link = scenario.Connect(leaf);
        leaf.SetInterest(_ => Interest.None);
        scenario.Tree.Settle();
        var restored = Store with { Incarnation = "2" };
        if (isAway)
        {
            link.Cut(scenario.Tree.NowMs);
            var hub = scenario.AddHub("restored");
            scenario.Load(hub, restored, upTo: 3);
            scenario.Connect(leaf, hub);
        }
        else
        {
            scenario.Load(scenario.Hub, restored, upTo: 3);
        }

        scenario.Tree.Pass(10_000);

        Assert.Equal((restored, 3), (leaf.Mirror.Snapshot().StoredSpace, leaf.Mirror.Snapshot().StoredRevision));
    }

    [Fact]
    public void G3_AnotherStore_IsRefusedAndTheStateStays()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        var stranger = scenario.AddHub("stranger");
        stranger.Mirror.LoadStore(new Space("another", "1"), 9, [Object(Inst, "z", "z") with { Revision = 9 }]);

        var link = scenario.Connect(leaf, stranger);

        Assert.Equal(GrpcStatusCode.FailedPrecondition, link.Client.End!.Code);
        Assert.Contains("another", link.Client.End.Reason, StringComparison.Ordinal);
        Holds(leaf, "Inst/b1=x", "Inst/p1=y");
        scenario.Connect(leaf);
        Holds(leaf, "Inst/b1=x", "Inst/p1=y");
    }

    [Fact]
    public void G3_AnotherStore_LoadedAfterTheHandshake_IsRefusedAndTheStateStays()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        var stranger = scenario.AddHub("stranger");
        var link = scenario.Connect(leaf, stranger);
        Assert.Null(link.Client.End);

        stranger.Mirror.LoadStore(new Space("another", "1"), 9, [Object(Inst, "z", "z") with { Revision = 9 }]);
        scenario.Tree.Settle();

        Assert.Equal(GrpcStatusCode.FailedPrecondition, link.Client.End!.Code);
        Holds(leaf, "Inst/b1=x", "Inst/p1=y");
        Assert.Equal(Store, leaf.Mirror.Snapshot().StoredSpace);
    }

    [Fact]
    public void G3_BundleBelowTheRevisionHeld_EndsTheSessionAndChangesNothing()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        scenario.Connect(leaf);
        var bundle = new IncomingBundle(Store, isStored: true, 2, 0, []) { IsComplete = true };

        Assert.Throws<FormatException>(() => leaf.Mirror.CommitFromUpstream(bundle));

        Assert.Equal(4, leaf.Mirror.Snapshot().StoredRevision);
        scenario.Write(Object(Inst, "b1", "goes on", "berlin"));
        Holds(leaf, "Inst/b1=goes on", "Inst/p1=y");
    }

    [Fact]
    public void G3_Stamp_ThatGoesBack_IsNotTaken()
    {
        var scenario = new Scenario();
        var peer = new RawPeer(scenario).Open();
        void Say(long revision, long stamp, string value)
        {
            peer.Begin(revision: revision);
            peer.Changes(peer.Change(Alarm, "a", change =>
            {
                change.Value = Google.Protobuf.ByteString.CopyFromUtf8(value);
                change.Stamp.Revision = stamp;
            }));
            peer.End(revision);
        }

        Say(1, stamp: 5, "newer");
        Say(2, stamp: 3, "older");
        Holds(scenario.Hub, "Alarm/a=newer");
        Say(3, stamp: 6, "newest");

        Assert.Null(peer.Session.End);
        Holds(scenario.Hub, "Alarm/a=newest");
    }

    [Fact]
    public void G3_Stamp_OfAnEarlierSession_DoesNotReplaceANewerWord()
    {
        var scenario = new Scenario();
        var owner = scenario.Leaf("owner");
        var first = scenario.Connect(owner);
        first.UpHeld = true;
        owner.Mirror.Publish([Object(Alarm, "a", "old")], []);
        scenario.Tree.Settle();
        first.CutBelow(scenario.Tree.NowMs);
        owner.Mirror.Publish([Object(Alarm, "a", "new")], []);

        scenario.Connect(owner);
        first.UpHeld = false;
        scenario.Tree.Settle();

        Holds(scenario.Hub, "Alarm/a=new");
    }
}
