using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Last known state stays: an object goes only when a sync that is complete for its selector proves it.</summary>
public sealed class G4Tests
{
    private static Interest Insts(Interest none) => none.With(Inst, Selector.All);

    [Fact]
    public void G4_Upstream_WhenLost_ChangesNothing()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);
        var recorder = new Recorder(leaf);

        link.Cut(scenario.Tree.NowMs);
        scenario.Tree.Pass(60_000);

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x");
        Assert.Empty(recorder.Events);
    }

    [Fact]
    public void G4_Reconnect_RaisesExactlyTheRealDifferences()
    {
        var scenario = new Scenario().WithSmallWorld();
        scenario.Write([.. Enumerable.Range(0, 50).Select(i => Object(Inst, $"i{i}", "same", "berlin"))]);
        var leaf = scenario.Leaf("leaf", Insts);
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        var recorder = new Recorder(leaf);
        scenario.Write(Object(Inst, "new", "n", "paris"), Object(Inst, "b1", "changed", "berlin"));
        scenario.Write(Object(Inst, "brief", "n", "paris"));
        scenario.Delete(Id(Inst, "brief"), Id(Inst, "p1"));

        var link = scenario.Connect(leaf);

        Assert.Equal(["+Inst/new=n", "-Inst/p1", "~Inst/b1=changed"], recorder.Events.Order(StringComparer.Ordinal));
        Assert.Equal(["-brief (Deleted)", "-p1 (Deleted)", "b1", "new"], Sent(link, isDown: true).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void G4_Reconnect_SentWholeAgain_RaisesExactlyTheRealDifferences()
    {
        // The hub remembers too little to resume from: everything is sent, and still only what differs is an event.
        var scenario = new Scenario(journal: new() { TombstonesMax = 1, ScopeMarkersMax = 1 }).WithSmallWorld();
        var leaf = scenario.Leaf("leaf", Insts);
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        var recorder = new Recorder(leaf);
        scenario.Delete(Id(Inst, "p1"));
        scenario.Write(Object(Inst, "p2", "z", "paris"));
        scenario.Write(Object(Inst, "p3", "z", "paris"));
        scenario.Delete(Id(Inst, "p2"), Id(Inst, "p3"));

        scenario.Connect(leaf);

        Assert.Equal(["-Inst/p1"], recorder.Events);
        Assert.Equal(2, leaf.Mirror.Counters.FullSyncs);
    }

    [Fact]
    public void G4_Reconnect_WhenSyncBreaksOff_RemovesNothing()
    {
        var scenario = new Scenario(journal: new() { TombstonesMax = 0, ScopeMarkersMax = 0 });
        var large = new string('x', 1000);
        scenario.Write([.. Enumerable.Range(0, 300).Select(i => Object(Inst, $"i{i}", large, "berlin"))]);
        var leaf = scenario.Leaf("leaf", Insts);
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        scenario.Delete([.. Enumerable.Range(200, 100).Select(i => Id(Inst, $"i{i}"))]);
        var recorder = new Recorder(leaf);

        var link = scenario.Tree.Connect(leaf, scenario.Hub);
        scenario.Tree.Stepped = () =>
        {
            if (link.Log.Any(entry => entry.Frame.BundleChanges is not null))
            {
                link.Cut(scenario.Tree.NowMs);
            }
        };
        scenario.Tree.Settle();
        scenario.Tree.Stepped = null;

        Assert.NotNull(link.Client.End);
        Assert.Equal(300, leaf.Mirror.Snapshot().Count(Inst));
        Assert.Empty(recorder.Events);
        scenario.Connect(leaf);
        Assert.Equal(200, leaf.Mirror.Snapshot().Count(Inst));
    }

    [Fact]
    public void G4_LargeSync_WhenItBreaksOff_RemovesNothing()
    {
        // Too large to be kept aside, so it applies as it comes; what it has not brought yet may still come.
        var scenario = new Scenario(new SessionLimits { StagedBytesMax = 1 }, journal: new() { TombstonesMax = 0, ScopeMarkersMax = 0 });
        var large = new string('x', 1000);
        scenario.Write([.. Enumerable.Range(0, 300).Select(i => Object(Inst, $"i{i}", large, "berlin"))]);
        var leaf = scenario.Leaf("leaf", Insts);
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        scenario.Delete(Id(Inst, "i7"));
        var link = scenario.Tree.Connect(leaf, scenario.Hub);
        scenario.Tree.Stepped = () =>
        {
            if (link.Log.Count(entry => entry.Frame.BundleChanges is not null) == 2)
            {
                link.Cut(scenario.Tree.NowMs);
            }
        };

        scenario.Tree.Settle();
        scenario.Tree.Stepped = null;

        Assert.Equal(300, leaf.Mirror.Snapshot().Count(Inst));
        Assert.False(leaf.Mirror.IsSynced);
        scenario.Connect(leaf);
        Assert.Equal(299, leaf.Mirror.Snapshot().Count(Inst));
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G4_Controller_WhoseStoreIsNotLoaded_RemovesNothing()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", Insts);
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        var recorder = new Recorder(leaf);
        var starting = scenario.AddHub("starting");

        scenario.Connect(leaf, starting);
        scenario.Tree.Pass(20_000);
        Holds(leaf, "Inst/b1=x", "Inst/p1=y");
        scenario.Delete(Id(Inst, "b1"));
        scenario.CatchUp(starting);

        Assert.Equal(["-Inst/b1"], recorder.Events);
    }

    [Fact]
    public void G4_Hub_ThatRestartsEmpty_PrunesDynamicTypesOnlyOnceSettled()
    {
        var scenario = new Scenario().WithSmallWorld();
        var owner = scenario.Leaf("owner");
        var lost = scenario.Leaf("lost");
        var watcher = scenario.Leaf("watcher", none => none.With(Alarm, Selector.All));
        owner.Mirror.Publish([Object(Alarm, "a", "1")], []);
        lost.Mirror.Publish([Object(Alarm, "b", "2")], []);
        var links = new[] { scenario.Connect(owner), scenario.Connect(lost), scenario.Connect(watcher) };
        Holds(watcher, "Alarm/a=1", "Alarm/b=2");
        var recorder = new Recorder(watcher);
        scenario.Tree.Kill(scenario.Hub);
        Array.ForEach(links, link => link.CutBelow(scenario.Tree.NowMs));

        var hub = scenario.AddHub("hub", new HubOptions { SettleMs = 5000 });
        scenario.Connect(watcher, hub);
        scenario.Tree.Pass(4000);
        Holds(watcher, "Alarm/a=1", "Alarm/b=2");
        Assert.False(watcher.Mirror.IsSynced);
        scenario.Connect(owner, hub);
        Assert.Empty(recorder.Events);
        scenario.Tree.Pass(1500);

        Assert.Equal(["-Alarm/b"], recorder.Events);
        Assert.True(watcher.Mirror.IsSynced);
    }

    [Fact]
    public void G4_Item_ThatIsNotServed_RemovesNothing()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", Insts);
        scenario.Connect(leaf);
        var number = leaf.Mirror.Upstream.Entries.Keys.Single();
        var bundle = new IncomingBundle(Store, isStored: true, scenario.Revision, 0, [number]) { IsComplete = true };
        bundle.States.Add((number, Completeness.NotServed));

        leaf.Mirror.CommitFromUpstream(bundle);

        Holds(leaf, "Inst/b1=x", "Inst/p1=y");
        Assert.False(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G4_Selector_ThatNobodyServes_IsToldSo()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All).With(App, Selector.Called(Key("later"))));

        scenario.Connect(leaf);

        Holds(leaf, "Inst/b1=x", "Inst/p1=y");
        Assert.Equal(
            [(App, Completeness.NotServed), (Inst, Completeness.Complete)],
            leaf.Mirror.Upstream.Entries.Values.Select(entry => (entry.Type, entry.Completeness)).Order());
    }

    [Fact]
    public void G4_Type_ThatNobodyDeclared_IsToldNotServed()
    {
        var scenario = new Scenario().WithSmallWorld();
        var peer = new RawPeer(scenario).Open(hello => hello.Interest.Add(Core.Sessions.WireTypes.ToWire(1, "t.Unheard", Selector.All)));

        Assert.Null(peer.Session.End);
        var state = Assert.Single(peer.Received.SelectMany(frame => frame.BundleEnd?.Items ?? []));
        Assert.Equal(Protocol.Completeness.NotServed, state.Completeness);
    }

    [Fact]
    public void G4_LastObject_DeletedWhileAway_IsNoticed()
    {
        var scenario = new Scenario();
        scenario.Write(Object(Inst, "only", "x", "berlin"));
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        scenario.Delete(Id(Inst, "only"));

        scenario.Connect(leaf);

        Holds(leaf);
    }

    [Fact]
    public void G4_LastObject_DeletedWhileAway_IsNoticedByAFullSyncToo()
    {
        var scenario = new Scenario(journal: new() { TombstonesMax = 0, ScopeMarkersMax = 0 });
        scenario.Write(Object(Inst, "only", "x", "berlin"));
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        scenario.Delete(Id(Inst, "only"));

        scenario.Connect(leaf);

        Holds(leaf);
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G4_Prune_KeepsWhatAnItemThatIsNotCompleteCouldCover()
    {
        // Two items cover Inst/b1. The one for its scope is complete and did not bring it; the other has not been sent, so nothing is proven.
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All).With(Inst, Selector.In(InSite("berlin"))));
        scenario.Connect(leaf);
        var items = leaf.Mirror.Upstream.Entries.Values.ToDictionary(entry => entry.Selector.Kind, entry => entry.Number);
        IncomingBundle Bundle(Completeness all)
        {
            var bundle = new IncomingBundle(Store, isStored: true, scenario.Revision, 0, [.. items.Values]) { IsComplete = true };
            bundle.States.Add((items[SelectorKind.Scope], Completeness.Complete));
            bundle.States.Add((items[SelectorKind.All], all));
            return bundle;
        }

        leaf.Mirror.CommitFromUpstream(Bundle(Completeness.NotReady));
        Holds(leaf, "Inst/b1=x", "Inst/p1=y");
        leaf.Mirror.CommitFromUpstream(Bundle(Completeness.Complete));

        Holds(leaf);
    }

    [Fact]
    public void G4_Reload_OfAStore_RaisesExactlyTheRealDifferences()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", Insts);
        scenario.Connect(leaf);
        var recorder = new Recorder(leaf);
        scenario.CommitUnseen([Object(Inst, "b2", "new", "berlin")], [Id(Inst, "p1")]);

        scenario.Load(scenario.Hub, Store);

        Assert.Equal(["+Inst/b2=new", "-Inst/p1"], recorder.Events);
    }
}
