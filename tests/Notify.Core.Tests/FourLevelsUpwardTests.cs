using Notify.Core.Sessions;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>What leaves own goes up through two relays, and goes with them.</summary>
public sealed class FourLevelsUpwardTests : FourLevels
{
    [Fact]
    public void G5_LostLeaf_IsFlushedAtEveryLevel_AfterTheGraceOfItsRelay()
    {
        var relay = Patient("patient");
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
        var relay = Patient("patient");
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
        var (relay, other) = (Patient("patient"), Patient("other"));
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
        var (relay, other) = (Patient("patient"), Patient("other"));
        var frozen = _scenario.Connect(oneMoreIsBetween ? _scenario.Relay("one more") : relay);
        if (oneMoreIsBetween)
        {
            _scenario.Connect(relay, frozen.Below);
        }

        _scenario.Connect(other);
        var below = RelayWithALeaf();
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
        var (relay, other) = (Patient("patient"), Patient("other"));
        var between = _scenario.Connect(relay, _upper);
        _scenario.Connect(other);
        var below = RelayWithALeaf();
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

    /// <summary>A relay that keeps what vanished nodes left for a second.</summary>
    private SimulatedNode Patient(string name) => _scenario.Relay(name, new HubOptions { SettleMs = 0, GraceMs = 1000 });

    /// <summary>A relay that nobody is above of, with a leaf that has an alarm.</summary>
    private SimulatedNode RelayWithALeaf()
    {
        var relay = _scenario.Relay("below");
        var leaf = _scenario.Leaf("leaf");
        leaf.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        _scenario.Connect(leaf, relay);
        return relay;
    }
}
