using Notify.Core.Journal;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>A hub, a relay, a relay below that, and leaves: relays start without knowing a single type.</summary>
public sealed class FourLevelsTests
{
    private readonly Scenario _scenario = new Scenario().WithSmallWorld();
    private readonly SimulatedNode _upper;
    private readonly SimulatedNode _lower;
    private readonly SimulatedLink _top;

    public FourLevelsTests()
    {
        (_upper, _lower) = (_scenario.Relay("upper"), _scenario.Relay("lower"));
        _top = _scenario.Connect(_upper);
        _scenario.Connect(_lower, _upper);
    }

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
    public void G5_LostLeaf_IsFlushedAtEveryLevel_AfterTheGraceOfItsRelay()
    {
        var relay = _scenario.Relay("patient", new HubOptions { SettleMs = 0, GraceMs = 1000 });
        _scenario.Connect(relay, _lower);
        var leaf = _scenario.Leaf("leaf");
        leaf.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        var link = _scenario.Connect(leaf, relay);
        Holds(_upper, "Alarm/fire=1");

        link.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Pass(900);
        Holds(_lower, "Alarm/fire=1");
        _scenario.Tree.Pass(200);

        foreach (var node in new[] { relay, _lower, _upper })
        {
            Holds(node);
        }

        Assert.Empty(Content(_scenario.Hub.Mirror.Snapshot(), Alarm));
    }

    [Fact]
    public void G5_RelayThatWakes_TakesNothingFromALeafThatHasMovedMeanwhile()
    {
        var other = _scenario.Relay("other");
        _scenario.Connect(other);
        var leaf = _scenario.Leaf("leaf");
        leaf.Mirror.Publish([Object(Alarm, "fire", "1"), Object(Alarm, "smoke", "1"), Object(Note, "kept", "1")], []);
        var frozen = _scenario.Connect(leaf, _lower);

        // The relays between are frozen: the leaf gives up, is elsewhere, and has changed its mind.
        (_top.UpHeld, _top.DownHeld) = (true, true);
        frozen.CutBelow(_scenario.Tree.NowMs);
        leaf.Mirror.Publish([Object(Alarm, "fire", "2")], [Id(Alarm, "smoke"), Id(Note, "kept")]);
        _scenario.Connect(leaf, other);
        Assert.Equal(["Alarm/fire=2"], Content(_scenario.Hub.Mirror.Snapshot(), Alarm, Note));

        _upper.Mirror.Publish([Object(Alarm, "awake", "1")], []);
        (_top.UpHeld, _top.DownHeld) = (false, false);
        _scenario.Tree.Pass(1000);

        Assert.Equal(["Alarm/awake=1", "Alarm/fire=2"], Content(_scenario.Hub.Mirror.Snapshot(), Alarm, Note));
        Assert.Empty(Content(_lower.Mirror.Snapshot(), Note));
    }

    [Fact]
    public void G5_RelayThatRestarts_BringsItsLeavesBackWithoutAFlap_WithinTheGrace()
    {
        var scenario = new Scenario(hub: new HubOptions { SettleMs = 0, GraceMs = 2000 });
        var relay = scenario.Relay("relay");
        var top = scenario.Connect(relay);
        var leaf = scenario.Leaf("leaf");
        leaf.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        var below = scenario.Connect(leaf, relay);
        var seen = new Recorder(scenario.Hub);

        top.Cut(scenario.Tree.NowMs);
        below.Cut(scenario.Tree.NowMs);
        scenario.Tree.Kill(relay);
        var again = scenario.Relay("relay", new HubOptions { SettleMs = 500 });
        scenario.Connect(again);
        scenario.Tree.Pass(200);
        scenario.Connect(leaf, again);
        scenario.Tree.Pass(5000);

        Assert.Empty(seen.Events);
        Assert.Equal(["Alarm/fire=1"], Content(scenario.Hub.Mirror.Snapshot(), Alarm));
    }

    [Fact]
    public void G5_LeafThatIsBackBeforeItHearsThatItsNumberWasTaken_IsHeardAbove()
    {
        // An earlier process of the leaf was next to the upper relay, under numbers that the new one begins with at another relay.
        var relay = _scenario.Relay("patient", new HubOptions { SettleMs = 0, GraceMs = 1000 });
        var between = _scenario.Connect(relay, _upper);
        var earlier = _scenario.Leaf("leaf");
        _scenario.Connect(earlier, _upper).Cut(_scenario.Tree.NowMs);
        _scenario.Connect(earlier, _upper).Cut(_scenario.Tree.NowMs);
        var leaf = _scenario.Leaf("leaf");
        leaf.Mirror.Publish([Object(Alarm, "fire", "1")], []);

        between.DownHeld = true;
        _scenario.Connect(leaf, relay).Cut(_scenario.Tree.NowMs);
        between.DownHeld = false;
        _scenario.Tree.Settle();
        Holds(_upper);

        // It goes on where it was, so what the upper relay took for an older process's word is not sent again.
        _scenario.Connect(leaf, relay);

        Holds(_upper, "Alarm/fire=1");
        Assert.Equal(["Alarm/fire=1"], Content(_scenario.Hub.Mirror.Snapshot(), Alarm));
    }

    [Fact]
    public void G5_LeafThatWasElsewhereWhileItsRelayWasFrozen_IsHeardWhenItIsBack()
    {
        var (relay, other) = (_scenario.Relay("patient", new HubOptions { SettleMs = 0, GraceMs = 1000 }), _scenario.Relay("other", new HubOptions { SettleMs = 0, GraceMs = 1000 }));
        var frozen = _scenario.Connect(relay);
        _scenario.Connect(other);
        var leaf = _scenario.Leaf("leaf");
        leaf.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        _scenario.Connect(leaf, relay).Cut(_scenario.Tree.NowMs);
        var seen = new Recorder(_scenario.Hub);

        (frozen.UpHeld, frozen.DownHeld) = (true, true);
        _scenario.Connect(leaf, other).CutBelow(_scenario.Tree.NowMs);
        _scenario.Connect(leaf, relay);
        (frozen.UpHeld, frozen.DownHeld) = (false, false);
        _scenario.Tree.Pass(3000);

        Assert.Equal(["Alarm/fire=1"], Content(_scenario.Hub.Mirror.Snapshot(), Alarm));
        Assert.Empty(seen.Events);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void G5_RelayThatWasElsewhereWhileOneAboveWasFrozen_IsHeardWhenItIsBack_WithItsLeaves(bool oneMoreIsBetween)
    {
        var (relay, other) = (_scenario.Relay("patient", new HubOptions { SettleMs = 0, GraceMs = 1000 }), _scenario.Relay("other", new HubOptions { SettleMs = 0, GraceMs = 1000 }));
        var frozen = _scenario.Connect(oneMoreIsBetween ? _scenario.Relay("one more") : relay);
        if (oneMoreIsBetween)
        {
            _scenario.Connect(relay, frozen.Below);
        }

        _scenario.Connect(other);
        var below = _scenario.Relay("below");
        var leaf = _scenario.Leaf("leaf");
        leaf.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        _scenario.Connect(leaf, below);
        _scenario.Connect(below, relay).Cut(_scenario.Tree.NowMs);
        var seen = new Recorder(_scenario.Hub);

        (frozen.UpHeld, frozen.DownHeld) = (true, true);
        _scenario.Connect(below, other).CutBelow(_scenario.Tree.NowMs);
        _scenario.Connect(below, relay);
        (frozen.UpHeld, frozen.DownHeld) = (false, false);
        _scenario.Tree.Pass(3000);

        Assert.Equal(["Alarm/fire=1"], Content(_scenario.Hub.Mirror.Snapshot(), Alarm));
        if (!oneMoreIsBetween)
        {
            // Otherwise the relay at the frozen one has to hear first that what it has said meanwhile was dropped.
            Assert.Empty(seen.Events);
        }
    }

    [Fact]
    public void G5_RelayThatIsBackBeforeItsUpperHearsThatItWasElsewhere_IsHeardAtTheTop_WithItsLeaves()
    {
        var (relay, other) = (_scenario.Relay("patient", new HubOptions { SettleMs = 0, GraceMs = 1000 }), _scenario.Relay("other", new HubOptions { SettleMs = 0, GraceMs = 1000 }));
        var between = _scenario.Connect(relay, _upper);
        _scenario.Connect(other);
        var below = _scenario.Relay("below");
        var leaf = _scenario.Leaf("leaf");
        leaf.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        _scenario.Connect(leaf, below);
        _scenario.Connect(below, relay).Cut(_scenario.Tree.NowMs);

        between.DownHeld = true;
        _scenario.Connect(below, other).CutBelow(_scenario.Tree.NowMs);
        _scenario.Connect(below, relay);
        between.DownHeld = false;
        _scenario.Tree.Pass(3000);

        Assert.Equal(["Alarm/fire=1"], Content(_scenario.Hub.Mirror.Snapshot(), Alarm));
    }

    [Fact]
    public void G5_LateWordOfARelay_OfALeafThatHasMoved_IsSeenByNobody()
    {
        var other = _scenario.Relay("other");
        _scenario.Connect(other);
        var leaf = _scenario.Leaf("leaf");
        leaf.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        var link = _scenario.Connect(leaf, _lower);

        // Said once more, but what goes up from the upper relay is late.
        _top.UpHeld = true;
        leaf.Mirror.Publish([Object(Alarm, "smoke", "1")], []);
        _scenario.Tree.Settle();
        link.CutBelow(_scenario.Tree.NowMs);
        leaf.Mirror.Publish([], [Id(Alarm, "smoke")]);
        _scenario.Connect(leaf, other);
        var seen = new Recorder(_scenario.Hub);
        _top.UpHeld = false;
        _scenario.Tree.Pass(1000);

        Assert.Empty(seen.Events);
        Assert.Equal(["Alarm/fire=1"], Content(_scenario.Hub.Mirror.Snapshot(), Alarm));
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
    public void G3_NodeWhoseNumbersBeganAnew_GoesOnAboveWhatItsRelayHasOfItFromAbove()
    {
        _scenario.Connect(_scenario.Leaf("other", none => none.With(Alarm, Selector.All)), _lower);
        var first = _scenario.Leaf("leaf");
        first.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        _scenario.Connect(first).Cut(_scenario.Tree.NowMs);
        _scenario.Connect(first);

        // The relays have that from above, and do not hear that its process is gone.
        _top.DownHeld = true;
        var second = _scenario.Restart(first);
        second.Mirror.Publish([Object(Alarm, "fire", "2")], []);
        _scenario.Connect(second, _lower);

        Assert.Equal(["Alarm/fire=2"], Content(_lower.Mirror.Snapshot(), Alarm));
    }

    [Fact]
    public void G5_WhatIsKeptAtARelay_OfAProcessWithAHigherNumber_GoesWhenTheNodeIsElsewhere()
    {
        var other = _scenario.Relay("other");
        _scenario.Connect(other);
        var first = _scenario.Leaf("leaf");
        first.Mirror.Publish([Object(Note, "kept", "1")], []);
        for (var i = 0; i < 3; i++)
        {
            _scenario.Connect(first, _lower).Cut(_scenario.Tree.NowMs);
        }

        // Nobody on the other way knows of the first process: the second counts from 1.
        _top.Cut(_scenario.Tree.NowMs);
        var hub = _scenario.AddHub("next");
        _scenario.CatchUp(hub);
        var second = _scenario.Restart(first);
        var relay = _scenario.Relay("new");
        _scenario.Connect(relay, hub);
        _scenario.Connect(second, relay);
        _scenario.Connect(_upper, hub);
        _scenario.Connect(second, relay);
        _scenario.Tree.Pass(1000);

        Assert.Empty(Content(hub.Mirror.Snapshot(), Note));
    }

    [Fact]
    public void G5_VersionThatTwoLeavesShare_FallsBack_AfterTheirRelayWentOn()
    {
        var scenario = new Scenario(hub: new HubOptions { SettleMs = 0, GraceMs = 5000 });
        var relay = scenario.Relay("relay");
        var top = scenario.Connect(relay);
        var (one, two) = (scenario.Leaf("one"), scenario.Leaf("two"));
        one.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        scenario.Connect(one, relay);

        // Over its next session the relay says the other's version, and then the first one's again.
        top.Cut(scenario.Tree.NowMs);
        two.Mirror.Publish([Object(Alarm, "fire", "2")], []);
        var link = scenario.Connect(two, relay);
        scenario.Connect(relay);
        Assert.Equal(["Alarm/fire=2"], Content(scenario.Hub.Mirror.Snapshot(), Alarm));
        link.Client.SayGoodbye("done");
        scenario.Tree.Settle();

        Assert.Equal(["Alarm/fire=1"], Content(scenario.Hub.Mirror.Snapshot(), Alarm));
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
    public void Receipts_OfTheIncarnationBefore_DoNotCount()
    {
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        _scenario.Connect(leaf, _lower);
        using var slow = leaf.Mirror.Subscribe(_ => { }, leaf.Mirror.Snapshot());
        _scenario.Tree.Pass(10_000);
        Assert.Equal(4, _top.Server.BelowByPeer(SpaceKind.Stored));

        leaf.HandlersStalled = true;
        _scenario.Load(_scenario.Hub, Store with { Incarnation = "2" }, upTo: 3);
        Assert.Equal((3, 0), (_top.Server.AppliedByPeer(SpaceKind.Stored), _top.Server.BelowByPeer(SpaceKind.Stored)));

        leaf.HandlersStalled = false;
        _scenario.Tree.Settle();
        Assert.Equal(3, _top.Server.BelowByPeer(SpaceKind.Stored));
    }

    [Fact]
    public void G4_WhatIsAskedForAgain_BeforeARelayHasHeardThatItLeft_DoesNotGo()
    {
        var relay = _scenario.Relay("between");
        var link = _scenario.Connect(relay, _lower);
        var leaf = _scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        _scenario.Connect(leaf, relay);

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
        var relay = _scenario.Relay("between");
        var link = _scenario.Connect(relay, _lower);
        var leaf = _scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        _scenario.Connect(leaf, relay);

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

    [Fact]
    public void Receipts_OfTheWholeTree_ReachTheHub()
    {
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        _scenario.Connect(leaf, _lower);
        using var slow = leaf.Mirror.Subscribe(_ => { }, leaf.Mirror.Snapshot());
        _scenario.Tree.Pass(10_000);
        Assert.Equal(4, _top.Server.BelowByPeer(SpaceKind.Stored));

        leaf.HandlersStalled = true;
        _scenario.Write(Object(Inst, "b1", "z", "berlin"));
        Assert.Equal((5, 4), (_top.Server.AppliedByPeer(SpaceKind.Stored), _top.Server.BelowByPeer(SpaceKind.Stored)));

        leaf.HandlersStalled = false;
        _scenario.Tree.Settle();
        Assert.Equal(5, _top.Server.BelowByPeer(SpaceKind.Stored));
    }

    [Fact]
    public void Receipts_OfALeafThatGoesOnElsewhere_WaitForItsHandlers()
    {
        _scenario.Connect(_scenario.Leaf("other", none => none.WithSite("berlin")), _lower);
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = _scenario.Connect(leaf);
        using var slow = leaf.Mirror.Subscribe(_ => { }, leaf.Mirror.Snapshot());
        _scenario.Tree.Pass(10_000);
        leaf.HandlersStalled = true;
        _scenario.Write(Object(Inst, "b1", "z", "berlin"));

        // The relay has nothing to send that the leaf does not have, and gets to send no more than its welcome.
        link.Cut(_scenario.Tree.NowMs);
        var next = _scenario.Tree.Connect(leaf, _lower);
        (next.DownHeld, next.WindowFrames) = (true, 1);
        _scenario.Tree.Settle();
        Assert.Equal(0, next.Server.AppliedThere(SpaceKind.Stored));
        next.DownHeld = false;
        _scenario.Tree.Settle();
        Assert.Equal(0, next.Server.AppliedThere(SpaceKind.Stored));

        leaf.HandlersStalled = false;
        _scenario.Tree.Settle();
        Assert.Equal(5, next.Server.AppliedThere(SpaceKind.Stored));
        Assert.Equal(5, _top.Server.BelowByPeer(SpaceKind.Stored));
    }

    [Fact]
    public void Receipts_OfALeaf_WaitForWhatItsRelayHasYetToGet()
    {
        _scenario.Connect(_scenario.Leaf("other", none => none.With(Flavor, Selector.All)), _lower);
        _top.UpHeld = true;
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = _scenario.Connect(leaf, _lower);
        Assert.Equal(4, leaf.Mirror.Snapshot().StoredRevision);
        Assert.Equal((0, 0), (link.Server.AppliedByPeer(SpaceKind.Stored), link.Server.AppliedThere(SpaceKind.Stored)));

        _top.UpHeld = false;
        _scenario.Tree.Settle();
        Assert.Equal(4, link.Server.AppliedByPeer(SpaceKind.Stored));
    }
}
