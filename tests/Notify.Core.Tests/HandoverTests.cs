using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>Nodes that go elsewhere before they leave: make before break.</summary>
public sealed class HandoverTests
{
    private const int DrainMs = 5000;

    private readonly Scenario _scenario = new Scenario().WithSmallWorld();

    [Fact]
    public void G5_LeafOfADrainingRelay_GoesToAnother_AndNobodySeesAnything()
    {
        var tree = new TwoRelays(_scenario);
        tree.First.Hub!.Drain(_scenario.Tree.NowMs + DrainMs);
        _scenario.Tree.Settle();

        // The hub hears of what the leaf says at the second relay long after the leaf has.
        tree.SecondUp.UpHeld = true;
        var link = _scenario.HandOver(tree.Link, tree.Second);
        Assert.True(link.Client.IsOpen);
        _scenario.Tree.Pass(1000);
        Assert.Null(tree.Link.ClientEnd);
        tree.SecondUp.UpHeld = false;
        _scenario.Tree.Settle();

        Assert.Equal(GrpcStatusCode.Aborted, tree.Link.ClientEnd!.Code);
        Assert.Empty(tree.Events);

        // It is there that it is heard from now on, by all.
        tree.Leaf.Mirror.Publish([Object(Alarm, "fire", "2")], [Id(Status, "s")]);
        _scenario.Tree.Settle();
        Assert.All(tree.Others, node => Holds(node, "Alarm/fire=2", "App/web=a", "Flavor/small=f", "Inst/b1=x", "Note/n=kept"));
        link.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Settle();
        Assert.All(tree.Others, node => Holds(node, "App/web=a", "Flavor/small=f", "Inst/b1=x", "Note/n=kept"));
    }

    [Fact]
    public void LeafOfADrainingRelay_IsWaitedForUntilItHasAppliedTheRevision_AndSentWhatGoesToItsScopeOnce()
    {
        var tree = new TwoRelays(_scenario);
        var received = new List<string>();
        tree.Leaf.Router.Handle(TestMessages.Text, message => received.Add(TestMessages.Read(message)));
        tree.Link.Cut(_scenario.Tree.NowMs);
        var older = _scenario.Connect(tree.Leaf, tree.First);
        using var slow = tree.Leaf.Mirror.Subscribe(_ => { }, tree.Leaf.Mirror.Snapshot());
        tree.Leaf.HandlersStalled = true;
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        using var wait = _scenario.Hub.Hub!.BeginWait(5, NodeSelector.Parse("leaf"));
        var wasDone = false;
        _scenario.Tree.Stepped = () => wasDone |= wait.Progress().IsApplied;

        // While the hub has yet to hear what the leaf says at the second relay, both sessions stand.
        tree.First.Hub!.Drain(_scenario.Tree.NowMs + DrainMs);
        _scenario.Tree.Settle();
        tree.SecondUp.UpHeld = true;
        _scenario.HandOver(older, tree.Second);
        _scenario.Hub.Router.Send(MessageTarget.ToScope(InSite("berlin")), TestMessages.Of("hello"));
        _scenario.Tree.Pass(300);
        Assert.Null(older.ClientEnd);
        tree.SecondUp.UpHeld = false;
        _scenario.Tree.Pass(300);
        Assert.Equal((GrpcStatusCode.Aborted, false), (older.ClientEnd!.Code, wasDone));

        tree.Leaf.HandlersStalled = false;
        _scenario.Tree.Pass(300);
        Assert.True(wait.Progress().IsApplied);
        Assert.Equal(["hello"], received);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void G5_LeafOfADrainingRelay_IsFencedThere_OnlyWhenTheRelayHasWhatItSaysElsewhere(bool isFirstHeld)
    {
        var tree = new TwoRelays(_scenario);
        tree.First.Hub!.Drain(_scenario.Tree.NowMs + DrainMs);
        _scenario.Tree.Settle();
        tree.FirstUp.WindowFrames = 1;
        tree.FirstUp.DownHeld = isFirstHeld;
        _scenario.HandOver(tree.Link, tree.Second);
        tree.Leaf.Mirror.Publish([Object(Alarm, "more", "1")], []);
        _scenario.Tree.Settle();
        tree.FirstUp.DownHeld = false;
        _scenario.Tree.Settle();

        Assert.NotNull(tree.Link.ClientEnd);
        Assert.DoesNotContain(tree.Events, change => change.Contains(" -", StringComparison.Ordinal) || change.Contains("fire", StringComparison.Ordinal));
        Assert.All(tree.Others, node => Holds(node, "Alarm/fire=1", "Alarm/more=1", "App/web=a", "Flavor/small=f", "Inst/b1=x", "Note/n=kept", "Status/s=up"));
    }

    [Fact]
    public void G5_LeafOfADrainingRelay_GoesToTheHubAboveIt_AndNobodySeesAnything()
    {
        var tree = new TwoRelays(_scenario);
        tree.First.Hub!.Drain(_scenario.Tree.NowMs + DrainMs);
        _scenario.Tree.Settle();
        _scenario.HandOver(tree.Link, _scenario.Hub);

        Assert.NotNull(tree.Link.ClientEnd);
        Assert.Empty(tree.Events);
    }

    [Fact]
    public void G5_LeafOfAHub_GoesToARelayBelowIt_AndNobodySeesAnything()
    {
        var tree = new TwoRelays(_scenario);
        var link = _scenario.HandOver(tree.Link, _scenario.Hub);
        _scenario.HandOver(link, tree.Second);

        Assert.NotNull(link.ClientEnd);
        Assert.Empty(tree.Events);
    }

    [Fact]
    public void G5_RelayOfADrainingRelay_GoesToAnotherWithAllBelowIt_AndNobodySeesAnything()
    {
        var (upper, other, between) = (_scenario.Relay("upper"), _scenario.Relay("other"), _scenario.Relay("between"));
        _scenario.Connect(upper);
        var otherUp = _scenario.Connect(other);
        var link = _scenario.Connect(between, upper);
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin").With(Alarm, Selector.All));
        leaf.Mirror.Publish([Object(Alarm, "fire", "1"), Object(Status, "s", "up", "berlin")], []);
        _scenario.Connect(leaf, between);
        var nodes = new List<SimulatedNode> { upper, other, between, leaf, _scenario.Hub };
        foreach (var above in new[] { upper, other, between, _scenario.Hub })
        {
            var node = _scenario.Leaf("at-" + above.Name, none => none.WithSite("berlin").With(Alarm, Selector.All).With(Status, Selector.All));
            _scenario.Connect(node, above);
            Holds(node, "Alarm/fire=1", "App/web=a", "Flavor/small=f", "Inst/b1=x", "Status/s=up");
            nodes.Add(node);
        }

        var seen = nodes.ConvertAll(node => new Recorder(node));
        upper.Hub!.Drain(_scenario.Tree.NowMs + DrainMs);
        _scenario.Tree.Settle();
        otherUp.UpHeld = true;
        var newer = _scenario.HandOver(link, other);
        _scenario.Tree.Pass(500);
        otherUp.UpHeld = false;
        _scenario.Tree.Settle();

        Assert.Equal(GrpcStatusCode.Aborted, link.ClientEnd!.Code);
        Assert.True(newer.Client.IsOpen);
        Assert.All(seen, one => Assert.Empty(one.Events));
        Assert.True(leaf.Mirror.IsSynced);

        leaf.Mirror.Publish([Object(Alarm, "fire", "2")], []);
        _scenario.Write(Object(Inst, "b1", "xx", "berlin", (App, "web")));
        Assert.All(nodes.Skip(5), node => Holds(node, "Alarm/fire=2", "App/web=a", "Flavor/small=f", "Inst/b1=xx", "Status/s=up"));
    }

    [Fact]
    public void G5_NodeThatComesWhileItsRelayMoves_IsKnownAtTheTop()
    {
        var (upper, other, between) = (_scenario.Relay("upper"), _scenario.Relay("other"), _scenario.Relay("between"));
        _scenario.Connect(upper);
        _scenario.Connect(other);
        var link = _scenario.Connect(between, upper);
        Assert.True(link.Client.TryPause());
        var newer = _scenario.Tree.Connect(between, other, link);
        newer.DownHeld = true;
        _scenario.Tree.Settle();

        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        leaf.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        _scenario.Connect(leaf, between);
        newer.DownHeld = false;
        _scenario.Tree.Settle();

        Holds(leaf, "Alarm/fire=1", "App/web=a", "Flavor/small=f", "Inst/b1=x");
        Assert.Contains("Alarm/fire=1", Content(_scenario.Hub.Mirror.Snapshot()));
        Assert.Equal(newer.Client, between.Router.Upstream);
    }

    [Fact]
    public void G4_NodeOfADrainingController_GoesOnAtAnother_FromWhereItIs()
    {
        var other = _scenario.AddHub("other");
        _scenario.CatchUp(other);
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        leaf.Mirror.Publish([Object(Alarm, "fire", "1")], []);
        var link = _scenario.Connect(leaf);
        var (received, syncs) = (leaf.Mirror.Counters.Received, leaf.Mirror.Counters.FullSyncs);
        var seen = new Recorder(leaf);
        _scenario.Hub.Hub!.Drain(_scenario.Tree.NowMs + DrainMs);
        _scenario.Tree.Settle();
        _scenario.HandOver(link, other);
        _scenario.Write(Object(Inst, "b1", "xx", "berlin", (App, "web")));
        Holds(leaf, "Alarm/fire=1", "App/web=a", "Flavor/small=f", "Inst/b1=x");
        _scenario.CatchUp(other);

        Holds(leaf, "Alarm/fire=1", "App/web=a", "Flavor/small=f", "Inst/b1=xx");
        Assert.Equal(["~Inst/b1=xx"], seen.Events);
        Assert.Equal((received + 1, syncs, 0), (leaf.Mirror.Counters.Received, leaf.Mirror.Counters.FullSyncs, leaf.Mirror.Counters.Resent));
        Holds(other, "Alarm/fire=1", "App/web=a", "Flavor/small=f", "Inst/b1=xx", "Inst/p1=y");

        // No hub is above both, so nobody fences the old session; it waits for that for half of the time.
        _scenario.Tree.Pass((DrainMs / 2) - 100);
        Assert.Null(link.ClientEnd);
        _scenario.Tree.Pass(200);
        Assert.Equal(GrpcStatusCode.Ok, link.ClientEnd!.Code);
        Assert.DoesNotContain("Alarm/fire=1", Content(_scenario.Hub.Mirror.Snapshot()));
    }

    [Fact]
    public void Drain_IsToldToEverySession_AndNewOnesAreRefusedWithAHint()
    {
        var (one, other) = (_scenario.Leaf("one"), _scenario.Leaf("other"));
        one.Settings = one.Settings with { Moves = true };
        var links = new[] { _scenario.Connect(one), _scenario.Connect(other) };
        var told = new List<long>();
        Array.ForEach(links, link => link.Client.Draining += told.Add);
        Assert.Equal(1, _scenario.Hub.Hub!.MovingSessionCount);

        _scenario.Hub.Hub.Drain(_scenario.Tree.NowMs + DrainMs);
        _scenario.Hub.Hub.Drain(_scenario.Tree.NowMs + (2 * DrainMs));
        _scenario.Tree.Settle();
        Assert.Equal([DrainMs, DrainMs], told);

        links[0].Client.SayGoodbye("elsewhere");
        _scenario.Tree.Pass(2000);
        Assert.Equal(0, _scenario.Hub.Hub.MovingSessionCount);
        var late = _scenario.Connect(one);
        Assert.Equal(GrpcStatusCode.Unavailable, late.ClientEnd!.Code);
        Assert.Equal("hub is about to stop. Connect elsewhere.", late.ClientEnd.Reason);
        Assert.Equal(DrainMs - 2000, late.Client.RetryAfterMs);
        Assert.Null(links[1].ClientEnd);
    }
}
