using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>The two sessions of a node that goes elsewhere: which of them counts, and what becomes of the other.</summary>
public sealed class HandoverSessionsTests
{
    private const int DrainMs = 5000;

    private readonly Scenario _scenario = new Scenario().WithSmallWorld();

    [Fact]
    public void G1_NewSession_ThatIsNotWelcomed_LeavesTheOldOneAsItWas()
    {
        var other = _scenario.AddHub("other");
        _scenario.CatchUp(other);
        other.Hub!.Drain(_scenario.Tree.NowMs + DrainMs);
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = _scenario.Connect(leaf);

        Assert.True(link.Client.TryPause());
        _scenario.Write(Object(Inst, "b1", "xx", "berlin", (App, "web")));
        leaf.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        leaf.SetInterest(interest => interest.WithSite("paris"));
        _scenario.Tree.Settle();
        Holds(leaf, "Alarm/fire=1", "App/web=a", "Flavor/small=f", "Inst/b1=x");
        var refused = _scenario.Tree.Connect(leaf, other, link);
        _scenario.Tree.Settle();

        Assert.Equal(GrpcStatusCode.Unavailable, refused.ClientEnd!.Code);
        Assert.Equal(DrainMs, refused.Client.RetryAfterMs);
        Holds(leaf, "Alarm/fire=1", "App/web=a", "Flavor/small=f", "Inst/b1=xx", "Inst/p1=y");
        Assert.True(leaf.Mirror.IsSynced);
        Assert.Contains("Alarm/fire=1", Content(_scenario.Hub.Mirror.Snapshot()));
        Assert.Null(link.ClientEnd);
    }

    [Fact]
    public void G1_NewSession_ThatIsNeverAnswered_LeavesTheOldOneAlive_HoweverLongThatTook()
    {
        var scenario = new Scenario(new SessionLimits { HeartbeatMs = 100, SilenceMs = 500 }).WithSmallWorld();
        var other = scenario.AddHub("other");
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);
        Assert.True(link.Client.TryPause());
        var silent = scenario.Tree.Connect(leaf, other, link);
        silent.DownHeld = true;

        scenario.Tree.Pass(1900);
        Assert.Null(silent.ClientEnd);
        scenario.Tree.Pass(200);
        scenario.Write(Object(Inst, "b1", "xx", "berlin", (App, "web")));

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, silent.ClientEnd!.Code);
        Assert.Null(link.ClientEnd);
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=xx");
    }

    [Fact]
    public void G1_OldSession_WhoseServerWasSilentWhileItWasPaused_IsGivenTimeToSpeak()
    {
        var scenario = new Scenario(new SessionLimits { HeartbeatMs = 100, SilenceMs = 500 }).WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);
        Assert.True(link.Client.TryPause());
        link.DownHeld = true;
        scenario.Tree.Connect(leaf, scenario.AddHub("other"), link).DownHeld = true;
        scenario.Tree.Pass(2000 + 400);

        Assert.Null(link.ClientEnd);
        scenario.Tree.Pass(200);
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, link.ClientEnd!.Code);
    }

    [Fact]
    public void G6_InterestThatChangesBetweenThePauseAndTheHello_IsToldByTheNewSession()
    {
        var other = _scenario.AddHub("other");
        _scenario.CatchUp(other);
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = _scenario.Connect(leaf);
        Assert.True(link.Client.TryPause());
        leaf.SetInterest(interest => interest.WithSite("paris"));
        _scenario.Tree.Connect(leaf, other, link);
        _scenario.Tree.Settle();

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x", "Inst/p1=y");
    }

    [Fact]
    public void G5_WhatTheUpstreamIsToTellOfNodesBelow_IsForTheSessionThatCounts()
    {
        var (upper, other, between) = (_scenario.Relay("upper"), _scenario.Relay("other"), _scenario.Relay("between"));
        _scenario.Connect(upper);
        _scenario.Connect(other);
        var link = _scenario.Connect(between, upper);
        _scenario.Connect(_scenario.Leaf("leaf"), between);
        var newer = _scenario.HandOver(link, other);
        between.Hub!.OpenUpstream(static () => { });

        // The old one's pump may be about to write just now.
        Assert.Null(between.Hub.TakeUntold(link.Client, long.MaxValue));
        Assert.Equal("leaf", between.Hub.TakeUntold(newer.Client, long.MaxValue)!.Node);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void G6_InterestThatChangesDuringAHandover_HoldsWhoeverOfTheTwoSessionsIsLeft(bool isWelcomed)
    {
        var other = _scenario.AddHub("other");
        _scenario.CatchUp(other);
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = _scenario.Connect(leaf);
        Assert.True(link.Client.TryPause());
        leaf.SetInterest(interest => interest.With(Alarm, Selector.All));
        var newer = _scenario.Tree.Connect(leaf, other, link);
        newer.DownHeld = true;
        _scenario.Tree.Settle();
        leaf.SetInterest(_ => Core.Sync.Interest.None.WithSite("paris"));

        // The old session does not live to see it.
        link.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Settle();
        if (!isWelcomed)
        {
            newer.Cut(_scenario.Tree.NowMs);
            Holds(leaf, "App/web=a", "Flavor/small=f");
            _scenario.Connect(leaf);
        }

        newer.DownHeld = false;
        _scenario.Tree.Settle();
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/p1=y");
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void TryPause_WhileAChangeOfInterestIsUnanswered_HasToWait()
    {
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = _scenario.Connect(leaf);
        link.DownHeld = true;
        leaf.SetInterest(interest => interest.WithSite("paris"));
        Assert.False(link.Client.TryPause());
        _scenario.Tree.Settle();
        Assert.False(link.Client.TryPause());
        link.DownHeld = false;
        _scenario.Tree.Settle();

        Assert.True(link.Client.TryPause());
        Assert.False(link.Client.TryPause());
    }

    [Fact]
    public void G5_NewSession_ThatEnds_TakesTheOldOneWithIt()
    {
        var tree = new TwoRelays(_scenario);
        tree.First.Hub!.Drain(_scenario.Tree.NowMs + DrainMs);
        _scenario.Tree.Settle();
        tree.SecondUp.UpHeld = true;
        var link = _scenario.HandOver(tree.Link, tree.Second);
        link.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Settle();
        tree.SecondUp.UpHeld = false;
        _scenario.Tree.Settle();

        Assert.Equal(GrpcStatusCode.Unavailable, tree.Link.ClientEnd!.Code);
        Assert.All(tree.Others, node => Holds(node, "App/web=a", "Flavor/small=f", "Inst/b1=x", "Note/n=kept"));

        // And back where it was, whatever numbers there have been.
        _scenario.Connect(tree.Leaf, tree.Second);
        Assert.All(tree.Others, node => Holds(node, "Alarm/fire=1", "App/web=a", "Flavor/small=f", "Inst/b1=x", "Note/n=kept", "Status/s=up"));
    }

    [Fact]
    public void G5_NodeThatStopsDuringAHandover_SaysGoodbyeToBoth()
    {
        var tree = new TwoRelays(_scenario);
        tree.SecondUp.UpHeld = true;
        var link = _scenario.HandOver(tree.Link, tree.Second);
        link.Client.SayGoodbye("The node stops.");
        _scenario.Tree.Settle();

        Assert.Equal((GrpcStatusCode.Ok, GrpcStatusCode.Ok), (link.ClientEnd!.Code, tree.Link.ClientEnd!.Code));
        tree.SecondUp.UpHeld = false;
        _scenario.Tree.Settle();
        Assert.All(tree.Others, node => Holds(node, "App/web=a", "Flavor/small=f", "Inst/b1=x", "Note/n=kept"));
    }

    [Fact]
    public void G3_OldSession_ThatIsStillRead_ChangesNothingAnyMore()
    {
        var other = _scenario.AddHub("other");
        _scenario.CatchUp(other);
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin").With(Alarm, Selector.All));
        var link = _scenario.Connect(leaf);
        _scenario.HandOver(link, other);
        var neighbour = _scenario.Leaf("neighbour");
        neighbour.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        _scenario.Connect(neighbour);
        _scenario.Write(Object(Inst, "b1", "xx", "berlin", (App, "web")));
        leaf.Mirror.Publish([Object(Note, "n", "late")], []);
        _scenario.Tree.Settle();

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x", "Note/n=late");
        Assert.DoesNotContain("Note/n=late", Content(_scenario.Hub.Mirror.Snapshot()));
        Assert.Null(link.ClientEnd);
    }

    [Fact]
    public void Message_OnTheOldSession_Arrives()
    {
        var other = _scenario.AddHub("other");
        _scenario.CatchUp(other);
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var heard = new List<string>();
        leaf.Router.Handle(TestMessages.Text, message => heard.Add(TestMessages.Read(message)));
        var link = _scenario.Connect(leaf);
        _scenario.HandOver(link, other);

        Assert.True(_scenario.Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("hello")));
        _scenario.Tree.Settle();
        Assert.Equal(["hello"], heard);
    }
}
