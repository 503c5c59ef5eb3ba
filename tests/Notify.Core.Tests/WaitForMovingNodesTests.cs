using Notify.Core.Sessions;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Waiting for nodes that vanish, say goodbye, come back elsewhere, or are forgotten.</summary>
public sealed class WaitForMovingNodesTests : WaitTree
{
    [Fact]
    public void Wait_NamesAVanishedLeaf_UntilItIsBackAtAnotherRelay()
    {
        var (deep, _, below) = Leaves();
        below.Cut(_scenario.Tree.NowMs);
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        using var wait = Begin(5);
        _scenario.Tree.Pass(200);
        Assert.Equal(["deep"], Pending(wait));
        Assert.Equal(["deep"], wait.Progress().Vanished);

        _scenario.Connect(deep, _upper);
        _scenario.Tree.Pass(200);
        Assert.True(wait.Progress().IsApplied);
        using var again = Begin(5);
        _scenario.Tree.Pass(200);
        Assert.True(again.Progress().IsApplied);
    }

    [Fact]
    public void Wait_NamesALeafThatVanishedFromARelay_AlsoWhenTheRelayHasStartedAgain()
    {
        var (_, _, below) = Leaves();
        below.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Settle();
        _middle.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Kill(_lower);
        var again = _scenario.Relay("lower");
        _scenario.Connect(again, _upper);
        using var wait = Begin(4);
        _scenario.Tree.Pass(200);

        Assert.Equal(["deep"], Pending(wait));
        using var atRelay = _upper.Hub!.BeginWait(4, NodeSelector.All);
        _scenario.Tree.Pass(200);
        Assert.Equal(["deep"], Pending(atRelay));
    }

    [Fact]
    public void Wait_NamesAllBehindARelayThatVanished_UntilTheyAreBack()
    {
        var (deep, _, below) = Leaves();
        _middle.Cut(_scenario.Tree.NowMs);
        using var wait = Begin(4);
        _scenario.Tree.Pass(200);
        Assert.Equal(["deep", "lower"], Pending(wait));

        _scenario.Connect(_lower, _upper);
        _scenario.Tree.Pass(200);
        Assert.True(wait.Progress().IsApplied);
        Assert.Null(below.Client.End);
        Assert.NotNull(deep);
    }

    [Fact]
    public void Wait_ForALeafThatSaidGoodbyeWhileItsRelayWasAway_IsDone()
    {
        var (_, _, below) = Leaves();
        _middle.Cut(_scenario.Tree.NowMs);
        below.Client.SayGoodbye("done");
        _scenario.Tree.Settle();
        _scenario.Connect(_lower, _upper);
        using var wait = Begin(4);
        _scenario.Tree.Pass(200);

        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Wait_CountsNoNodeThatSaidGoodbye()
    {
        var (_, _, below) = Leaves();
        using var wait = Begin(5);
        below.Client.SayGoodbye("done");
        _scenario.Tree.Pass(200);

        Assert.Equal(["direct", "hub", "lower", "upper"], Pending(wait));
    }

    [Fact]
    public void Wait_ForALeafThatMovesBetweenRelays_IsNeverDoneBeforeTheLeafIs()
    {
        var other = Other();
        var (deep, _, below) = Leaves();
        using var slow = Stall(deep);
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        using var wait = Begin(5);
        var wasDone = false;
        _scenario.Tree.Stepped = () => wasDone |= wait.Progress().IsApplied;
        _scenario.Tree.Pass(300);
        below.CutBelow(_scenario.Tree.NowMs);
        _scenario.Connect(deep, other);
        _scenario.Tree.Pass(300);
        Assert.False(wasDone);
        Assert.Equal(["deep"], Pending(wait));

        deep.HandlersStalled = false;
        _scenario.Tree.Pass(300);
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Wait_ForALeafThatComesToARelayThatHasJustAnswered_IsNotDoneBeforeTheLeafIs()
    {
        var other = Other();
        var (deep, _, below) = Leaves();
        using var slow = Stall(deep);
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        below.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Pass(200);
        using var wait = Begin(5);
        var wasDone = false;
        _scenario.Tree.Stepped = () => wasDone |= wait.Progress().IsApplied;
        _scenario.Tree.Settle();
        Assert.Equal(["deep"], Pending(wait));

        // The relay tells of changes a while after its answer only, but of the node at once.
        _scenario.Connect(deep, other);
        Assert.Equal((false, 1), (wasDone, wait.Progress().Pending));
        deep.HandlersStalled = false;
        _scenario.Tree.Pass(200);
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Wait_ForALeafThatMovesFromAFrozenRelay_CountsItWhereItIs()
    {
        var other = Other();
        var (deep, _, below) = Leaves();
        (_middle.UpHeld, _middle.DownHeld) = (true, true);
        below.CutBelow(_scenario.Tree.NowMs);
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        _scenario.Connect(deep, other);
        using var wait = Begin(5);
        _scenario.Tree.Pass(300);
        Assert.Equal(["lower"], Pending(wait));

        (_middle.UpHeld, _middle.DownHeld) = (false, false);
        _scenario.Tree.Pass(300);
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Forget_OfAVanishedNode_EndsTheWaitForIt_AndOfAConnectedOneIsRefused()
    {
        var (_, _, below) = Leaves();
        using var wait = Begin(4);
        below.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Pass(200);
        Assert.Equal(["deep"], Pending(wait));

        Assert.Equal(ForgetOutcome.Connected, Hub.Hub!.Forget("direct"));
        Assert.Equal(ForgetOutcome.Unknown, Hub.Hub!.Forget("nobody"));
        Assert.Equal(ForgetOutcome.Forgotten, Hub.Hub!.Forget("deep"));
        Assert.Equal(ForgetOutcome.Unknown, Hub.Hub!.Forget("deep"));
        _scenario.Tree.Pass(200);
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Forget_Holds_AlsoWhenTheRelayThatMissesTheNodeConnectsAgain_AndTheNodeCountsWhenItIsBack()
    {
        var (deep, _, below) = Leaves();
        below.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Settle();
        Hub.Hub!.Forget("deep");
        _top.Cut(_scenario.Tree.NowMs);
        _scenario.Connect(_upper);
        using var wait = Begin(4);
        _scenario.Tree.Pass(200);
        Assert.True(wait.Progress().IsApplied);

        _scenario.Connect(deep, _lower).Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Pass(200);
        Assert.Equal(["deep"], Pending(wait));
    }

    [Fact]
    public void Known_ListsConnectedAndVanishedNodesOfTheWholeTree()
    {
        var (_, _, below) = Leaves();
        below.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Pass(200);

        Assert.Equal(
            ["deep at lower, vanished", "direct at hub", "hub at ", "lower at upper", "upper at hub"],
            Hub.Hub!.Known(NodeSelector.All).Select(node => $"{node.Name} at {node.Hub}{(node.IsConnected ? "" : ", vanished")}"));
        Assert.Equal(["lower", "upper"], Hub.Hub!.Known(NodeSelector.Parse("role=relay")).Select(node => node.Name));
    }
}
