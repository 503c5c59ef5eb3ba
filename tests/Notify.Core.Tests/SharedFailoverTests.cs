using Notify.Core.Sessions;
using Notify.Core.Storage.Sharing;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Shared objects while their owners, controllers and leases come, go and move.</summary>
public sealed class SharedFailoverTests : SharedTree
{
    [Fact]
    public void G5_Goodbye_FlushesAtOnce_ButForKeptTypes()
    {
        Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"), Object(Seal, "s", "1"));
        SayGoodbye(_owner);

        Assert.Equal(["s=1"], Stored);
        Assert.Contains("-Report/r", _seen.Events);
    }

    [Fact]
    public void G5_NodeThatVanishes_IsFlushedByItsController_AndItsRecordGoes()
    {
        var link = Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        Assert.Single(_store.Objects(Records.Attachments.Name));

        link.Cut(_tree.NowMs);
        _tree.Settle();
        Assert.Empty(Stored);
        Assert.Empty(_store.Objects(Records.Attachments.Name));
    }

    [Fact]
    public void G5_FailoverToTheOtherController_IsNoFlapForThirdParties()
    {
        var link = Connect(_owner, _first);
        Publish(_owner, Object(Report, "same", "1", "berlin"), Object(Report, "changes", "1", "berlin"), Object(Report, "goes", "1", "berlin"));
        _first.IsFrozen = true;
        Kill(link, _first);
        var events = _seen.Events.Count();

        _owner.Mirror.Publish([Object(Report, "changes", "2", "berlin")], [Id(Report, "goes")]);
        var before = _store.Committed.Count;
        Connect(_owner, _second);

        Assert.Equal(["changes=2", "same=1"], Stored);
        Assert.Equal(["~Report/changes=2", "-Report/goes"], _seen.Events.Skip(events));
        Assert.DoesNotContain(_store.Committed.Skip(before), commit => commit.Changes.Any(change => change.Id == Id(Report, "same")));
        Assert.Equal(2, _second.Node.Mirror.Shared.Find("owner")!.Number);

        // The lost controller's lease ends: what nodes went on with elsewhere stays.
        _first.Expire();
        _tree.Pass(20_000);
        Assert.Equal(["changes=2", "same=1"], Stored);
    }

    [Fact]
    public void G5_NodesThatLeaveADrainingController_AreNotFlushed_UnlessNobodyTakesThem()
    {
        Connect(_owner, _first);
        var other = Leaf("other");
        Connect(other, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        Publish(other, Object(Report, "o", "1", "berlin"));
        _first.Node.Hub!.Drain(_tree.NowMs + 5000);
        SayGoodbye(_owner);
        SayGoodbye(other);
        Connect(_owner, _second);
        _tree.Kill(_first.Node);
        _first.Expire();
        Assert.Equal(["o=1", "r=1"], Stored);

        _tree.Pass(3000);
        Assert.Equal(["r=1"], Stored);
        Assert.Equal(["+Report/r=1", "+Report/o=1", "-Report/o"], _seen.Events);
    }

    [Fact]
    public void G5_ControllerThatWakesUpLate_ChangesNothingOfANodeThatWentElsewhere()
    {
        var link = Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        _first.IsFrozen = true;
        _owner.Mirror.Publish([Object(Report, "r", "late", "berlin")], []);
        _tree.Settle(); // The hub has it, and has not told the store.
        link.UpHeld = true;
        link.CutBelow(_tree.NowMs);
        _owner.Mirror.Publish([Object(Report, "r", "new", "berlin")], []);
        Connect(_owner, _second);
        Assert.Equal(["r=new"], Stored);

        _first.IsFrozen = false;
        _tree.Settle();
        Assert.Equal(["r=new"], Stored);
        link.CutAbove(_tree.NowMs);
        _tree.Pass(10_000);
        Assert.Equal(["r=new"], Stored);
    }

    [Fact]
    public void G5_NodesOfALostController_AreFlushedByTheOther_AfterTheLeaseAndTheTakeoverTime()
    {
        var link = Connect(_owner, _first);
        Publish(_owner, [.. Enumerable.Range(0, 150).Select(i => Object(Report, $"r{i}", "1", "berlin"))]);
        Publish(_owner, Object(Seal, "s", "kept"));
        Kill(link, _first);
        _tree.Pass(60_000);
        Assert.Equal(151, Stored.Count()); // Nobody knows yet that the controller is gone.

        _first.Expire();
        _tree.Pass(1900);
        Assert.Equal(151, Stored.Count());
        _tree.Pass(200);
        Assert.Equal(["s=kept"], Stored);
        Assert.Empty(_store.Objects(Records.Attachments.Name));
    }

    [Fact]
    public void G5_LeaseLostWhileTheControllerLives_IsTakenAgain_AndNothingIsFlushed()
    {
        Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        _first.IsCutOff = true;
        _first.Expire();
        _tree.Pass(1000);
        _first.IsCutOff = false;
        _tree.Pass(10_000);

        Assert.True(_first.IsAnnounced);
        Assert.Equal(["+Report/r=1"], _seen.Events);
    }

    [Fact]
    public void G5_ControllerThatWasAwayForLong_PublishesAgain()
    {
        Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        _first.IsCutOff = true;
        _first.Expire();
        _tree.Pass(10_000);
        Assert.Empty(Stored);

        _first.IsCutOff = false;
        _tree.Pass(100);
        Assert.Equal(["r=1"], Stored);
        Assert.Equal(["+Report/r=1", "-Report/r", "+Report/r=1"], _seen.Events);
    }

    [Fact]
    public void G3_RestartedNode_GoesOnAboveTheNumberThatAnotherControllerKnows()
    {
        var link = Connect(_owner, _first);
        link.Cut(_tree.NowMs);
        link = Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        Kill(link, _first);

        var restarted = Leaf("owner");
        restarted.Mirror.Publish([Object(Report, "r", "2", "berlin")], []);
        Connect(restarted, _second);

        Assert.Equal(["r=2"], Stored);
        Assert.Equal(3, _store.Objects(Report)[0].Stamp!.Value.Attachment);
    }

    [Fact]
    public void G5_SecondProcessOfTheNameAtAnotherController_TakesOver_AndTheFirstIsFenced()
    {
        var link = Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        var second = Leaf("owner");
        second.Mirror.Publish([Object(Report, "r", "2", "berlin")], []);
        var other = Connect(second, _second);

        Assert.Equal(["r=2"], Stored);
        Assert.NotNull(link.ClientEnd);
        Assert.Null(other.ClientEnd);
    }

    [Fact]
    public void G4_RestartedController_FlushesNobodyBeforeItsSettleTime()
    {
        var link = Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        Kill(link, _first);
        _tree.Kill(_second.Node);
        _first.Expire();

        var third = Controller("third", new HubOptions { SettleMs = 5000 });
        _tree.Pass(6900);
        Assert.Equal(["r=1"], Stored);
        Connect(_owner, third);
        _tree.Pass(10_000);
        Assert.Equal(["r=1"], Stored);
    }

    [Fact]
    public void G5_WhatTheNodeDoesNotSayAfterAFailover_GoesWhenItIsSynced()
    {
        var link = Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        Kill(link, _first);
        var restarted = Leaf("owner");
        var next = _tree.Connect(restarted, _second.Node);
        next.UpHeld = true;
        _tree.Settle();
        Assert.Equal(["r=1"], Stored);
        next.UpHeld = false;
        _tree.Settle();
        Assert.Empty(Stored);
    }

    [Fact]
    public void G5_RelayThatMovesToTheOtherController_TakesItsLeavesAlong_WithoutAFlap()
    {
        var relay = _tree.Add(new SimulatedNode(
            "relay", "relay-1", _tree.NowMs, [], isHub: false, hub: new HubOptions { SettleMs = 0, InterestLingerMs = 0 }, isRelay: true));
        relay.Hub!.Tick(_tree.NowMs);
        var link = Connect(relay, _first);
        _tree.Connect(_owner, relay);
        _tree.Settle();
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        Assert.Equal(["r=1"], Stored);

        link.UpHeld = true;
        link.CutBelow(_tree.NowMs);
        var second = Connect(relay, _second);
        Publish(_owner, Object(Report, "r", "2", "berlin"));
        Assert.Equal(["r=2"], Stored);

        // The first controller notices late that the relay is gone.
        link.CutAbove(_tree.NowMs);
        _tree.Pass(5000);
        Assert.Equal(["r=2"], Stored);

        second.UpHeld = true;
        second.CutBelow(_tree.NowMs);
        Connect(relay, _first);
        Publish(_owner, Object(Report, "r", "3", "berlin"));
        Assert.Equal(["+Report/r=1", "~Report/r=2", "~Report/r=3"], _seen.Events);
    }

    [Theory]
    [MemberData(nameof(G1Tests.Seeds), MemberType = typeof(G1Tests))]
    public void G1_AnyOrderOfFailoversAndRestarts_EndsInWhatNodesSay(int seed)
    {
        var world = new SharedWorld(seed, relays: seed % 3);
        for (var round = 0; round < 3; round++)
        {
            for (var step = 0; step < 80; step++)
            {
                world.Step();
            }

            world.ComeToRest();
            world.Check();
        }
    }
}
