using Notify.Core.Journal;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>What goes down through two relays, and what is asked for through them.</summary>
public sealed class FourLevelsTests : FourLevels
{
    [Fact]
    public void G1_RelaysHoldWhatTheLeavesBelowNeed_AndNothingElse()
    {
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        _scenario.Connect(leaf, _lower);

        foreach (var node in new[] { _upper, _lower, leaf })
        {
            Holds(node, "App/web=a", "Flavor/small=f", "Inst/b1=x");
        }

        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G6_TypeThatComesToReferToMore_BringsThatDownOverSessionsThatRun()
    {
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        _scenario.Connect(leaf, _lower);

        _scenario.Hub.Mirror.Types.Declare(All.Single(type => type.Name == Inst) with { RefersTo = [App, Flavor] });
        _scenario.Commit([Object(Flavor, "big", "g"), Object(Inst, "b1", "z", "berlin", (App, "web"), (Flavor, "big"))], []);

        foreach (var node in new[] { _upper, _lower, leaf })
        {
            Holds(node, "App/web=a", "Flavor/big=g", "Flavor/small=f", "Inst/b1=z");
        }
    }

    [Fact]
    public void G6_WhatALeafSaysThatStoredObjectsReferTo_IsNotTaken()
    {
        var old = All.Select(type => type.Name == Inst ? type with { RefersTo = [App, Flavor] } : type);
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"), types: old);
        var relay = _scenario.Relay("relay");
        _scenario.Connect(leaf, relay);
        _scenario.Connect(_scenario.Leaf("other", none => none.With(Flavor, Selector.All)), relay);
        _scenario.Connect(relay);
        _scenario.Commit([Object(Flavor, "big", "g"), Object(Inst, "b1", "z", "berlin", (App, "web"), (Flavor, "big"))], []);

        Holds(relay, "App/web=a", "Flavor/big=g", "Flavor/small=f", "Inst/b1=z");
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=z");
    }

    [Fact]
    public void G6_InterestOfALeaf_WidensAndNarrowsBothRelays()
    {
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var other = _scenario.Leaf("other", none => none.With(Flavor, Selector.All));
        _scenario.Connect(leaf, _lower);
        _scenario.Connect(other, _upper);

        leaf.SetInterest(interest => interest.WithSite("paris"));
        _scenario.Tree.Settle();
        Holds(_lower, "App/web=a", "Flavor/small=f", "Inst/b1=x", "Inst/p1=y");
        Assert.True(leaf.Mirror.IsSynced);

        leaf.SetInterest(_ => Core.Sync.Interest.None);
        _scenario.Tree.Settle();
        Holds(leaf);
        Holds(_lower);
        Holds(_upper, "Flavor/small=f");
    }

    [Fact]
    public void G6_ItemIsCompleteForALeaf_OnlyAfterTheHubCompletedItForTheRelays()
    {
        _top.DownHeld = true;
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = _scenario.Connect(leaf, _lower);
        Assert.False(leaf.Mirror.IsSynced);

        _top.DownHeld = false;
        _scenario.Tree.Settle();
        Assert.True(leaf.Mirror.IsSynced);
        Assert.Equal(4, link.Server.AppliedByPeer(SpaceKind.Stored));
    }

    [Fact]
    public void G4_LeafThatMovesToAScopeThatItsRelayHasYetToGet_KeepsWhatIsReferredToThere()
    {
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        _scenario.Connect(leaf, _lower);
        var seen = new Recorder(leaf);

        _top.DownHeld = true;
        leaf.SetInterest(_ => Core.Sync.Interest.None.WithSite("paris"));
        _scenario.Tree.Settle();
        Holds(leaf, "App/web=a", "Flavor/small=f");
        _top.DownHeld = false;
        _scenario.Tree.Settle();

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/p1=y");
        Assert.Equal(["-Inst/b1", "+Inst/p1=y"], seen.Events);
    }

    [Fact]
    public void G7_ReferenceThatMoves_TakesItsTargetsWithItAtEveryLevel()
    {
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        _scenario.Connect(leaf, _lower);

        _scenario.Write(Object(Flavor, "large", "g"), Object(App, "map", "m", null, (Flavor, "large")), Object(Inst, "b1", "z", "berlin", (App, "map")));

        foreach (var node in new[] { _upper, _lower, leaf })
        {
            Holds(node, "App/map=m", "Flavor/large=g", "Inst/b1=z");
        }
    }

    [Fact]
    public void G1_LeafThatWantsNothingOfTheStoreAnyMore_IsAnsweredByARelayThatCameBeforeTheStore()
    {
        var (hub, relay, leaf) = (_scenario.AddHub("late"), _scenario.Relay("early"), _scenario.Leaf("leaf", none => none.With(Inst, Selector.All)));
        _scenario.Connect(leaf, relay);
        leaf.SetInterest(_ => Core.Sync.Interest.None.With(Alarm, Selector.All));
        _scenario.Tree.Settle();
        _scenario.Connect(relay, hub);
        Assert.False(leaf.Mirror.IsSynced);

        _scenario.CatchUp(hub);

        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G4_LeafAtARelayThatHasJustStarted_LosesNothing()
    {
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin").With(Alarm, Selector.All));
        var neighbour = _scenario.Leaf("neighbour");
        neighbour.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        _scenario.Connect(neighbour);
        var before = _scenario.Connect(leaf, _lower);
        var seen = new Recorder(leaf);
        before.Cut(_scenario.Tree.NowMs);

        // It has no upstream yet, so nothing that it does not have is known to be absent.
        var fresh = _scenario.Relay("fresh");
        _scenario.Connect(leaf, fresh);
        _scenario.Tree.Pass(10_000);
        Holds(leaf, "Alarm/fire=1", "App/web=a", "Flavor/small=f", "Inst/b1=x");
        Assert.False(leaf.Mirror.IsSynced);

        _scenario.Connect(fresh);
        _scenario.Tree.Pass(10_000);
        Assert.True(leaf.Mirror.IsSynced);
        Assert.Empty(seen.Events);
    }

    [Fact]
    public void G4_RelaysCutFromTheHubAndBack_RaiseTheRealDifferencesOnly()
    {
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        _scenario.Connect(leaf, _lower);
        var seen = new Recorder(leaf);

        _top.Cut(_scenario.Tree.NowMs);
        _scenario.Write(Object(Inst, "b2", "new", "berlin"));
        _scenario.Delete(Id(Inst, "b1"));
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x");

        _scenario.Connect(_upper);
        Holds(leaf, "Inst/b2=new");
        Assert.Equal(["+Inst/b2=new", "-Inst/b1", "-App/web", "-Flavor/small"], seen.Events);
    }

    [Fact]
    public void G3_LeafThatMovesToTheHub_GoesOnWhereItWas()
    {
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        _scenario.Connect(leaf, _lower).Cut(_scenario.Tree.NowMs);
        _scenario.Write(Object(Inst, "b2", "new", "berlin"));

        var link = _scenario.Connect(leaf);

        Assert.Equal(["b2"], Sent(link, isDown: true));
    }

    [Fact]
    public void G6_InterestOfALeafThatVanished_GoesFromItsRelaysAfterTheLinger_AndNotBefore()
    {
        var relay = _scenario.Relay("patient", new HubOptions { SettleMs = 0, InterestLingerMs = 1000 });
        _scenario.Connect(relay, _lower);
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = _scenario.Connect(leaf, relay);

        link.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Pass(900);
        Holds(relay, "App/web=a", "Flavor/small=f", "Inst/b1=x");
        _scenario.Tree.Pass(200);

        foreach (var node in new[] { relay, _lower, _upper })
        {
            Holds(node);
        }
    }

    [Fact]
    public void G3_Incarnation_IsToldToRelaysThatAskForNothing()
    {
        _scenario.Tree.Pass(10_000);
        _scenario.Load(_scenario.Hub, Store with { Incarnation = "2" }, upTo: 2);
        _scenario.Tree.Pass(10_000);

        foreach (var relay in new[] { _upper, _lower })
        {
            Assert.Equal((Store with { Incarnation = "2" }, 2), (relay.Mirror.Snapshot().StoredSpace, relay.Mirror.Snapshot().StoredRevision));
        }
    }

    [Fact]
    public void G4_WhatIsAskedForAgain_BeforeARelayHasHeardThatItLeft_DoesNotGo()
    {
        var (relay, leaf, link) = LeafBelowARelayMore();

        // The answer to the first change is on its way while the second is asked for.
        link.DownHeld = true;
        leaf.SetInterest(_ => Core.Sync.Interest.None);
        _scenario.Tree.Settle();
        leaf.SetInterest(_ => Core.Sync.Interest.None.WithSite("berlin"));
        _scenario.Tree.Settle();
        Holds(leaf, "Inst/b1=x");
        var seen = new Recorder(leaf);
        link.DownHeld = false;
        _scenario.Tree.Settle();

        Assert.DoesNotContain(seen.Events, change => change.StartsWith('-'));
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x");
        Holds(relay, "App/web=a", "Flavor/small=f", "Inst/b1=x");
    }

    [Fact]
    public void G4_WhatWasAskedForAgain_AndIsGoneMeanwhile_GoesWithTheAnswer()
    {
        var (relay, leaf, link) = LeafBelowARelayMore();

        link.DownHeld = true;
        leaf.SetInterest(_ => Core.Sync.Interest.None);
        _scenario.Tree.Settle();
        _scenario.Delete(Id(Inst, "b1"));
        leaf.SetInterest(_ => Core.Sync.Interest.None.WithSite("berlin"));
        _scenario.Tree.Settle();
        link.DownHeld = false;
        _scenario.Tree.Settle();

        Assert.True(leaf.Mirror.IsSynced);
        Holds(leaf);
        Holds(relay);
    }

    [Fact]
    public void G2_WhatOneItemProvesGone_WhileAnotherIsOpen_IsNotCalledComplete()
    {
        var scenario = new Scenario(journal: new JournalLimits { ScopeMarkersMax = 0 }).WithSmallWorld();
        var (upper, lower) = (scenario.Relay("upper"), scenario.Relay("lower"));
        scenario.Connect(upper);
        var link = scenario.Connect(lower, upper);
        var (berlin, all) = (scenario.Leaf("berlin", none => none.WithSite("berlin")), scenario.Leaf("all", none => none.With(Inst, Selector.All)));
        scenario.Connect(berlin, lower);
        Holds(berlin, "App/web=a", "Flavor/small=f", "Inst/b1=x");

        // The relay above has forgotten that the object left the scope, so what is in the scope is sent whole, and the other item is not answered yet.
        link.UpHeld = true;
        scenario.Connect(all, lower);
        scenario.Delete(Id(Inst, "b1"));
        Assert.False(berlin.Mirror.IsSynced && berlin.Mirror.Snapshot().Find(Id(Inst, "b1")) is not null);

        link.UpHeld = false;
        scenario.Tree.Settle();
        Holds(berlin);
        Holds(all, "Inst/p1=y");
        Assert.True(berlin.Mirror.IsSynced && all.Mirror.IsSynced);
    }

    [Fact]
    public void G3_VersionOfAnEarlierIncarnation_IsNotPassedOnAsOneOfTheNew()
    {
        _scenario.Connect(_scenario.Leaf("other", none => none.With(Inst, Selector.Of(Id(Inst, "b1").Key))), _upper);
        _top.UpHeld = true;
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        _scenario.Connect(leaf, _lower);

        // The lower relay gets the new incarnation without a word on what it has: the upper one has yet to ask for that.
        _scenario.Load(_scenario.Hub, Store with { Incarnation = "2" }, upTo: 2);
        _top.UpHeld = false;
        _scenario.Tree.Settle();

        Assert.True(leaf.Mirror.IsSynced);
        Holds(leaf);
    }

    /// <summary>A third relay in the row, and a leaf below it that asks for all instances.</summary>
    private (SimulatedNode Relay, SimulatedNode Leaf, SimulatedLink Link) LeafBelowARelayMore()
    {
        var relay = _scenario.Relay("between");
        var link = _scenario.Connect(relay, _lower);
        var leaf = _scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        _scenario.Connect(leaf, relay);
        return (relay, leaf, link);
    }
}
