using Notify.Core.Sessions;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>Waiting until every node of a tree of four levels has applied a revision.</summary>
public sealed class WaitTests : WaitTree
{
    [Fact]
    public void Wait_ForWhatEveryNodeHas_IsDoneWithoutAHeartbeat()
    {
        Leaves();
        using var wait = Begin(4);
        _scenario.Tree.Settle();

        Assert.True(wait.Progress().IsApplied);
        Assert.Empty(wait.Progress().PendingNodes);
    }

    [Fact]
    public void Wait_ForARevisionThatConcernsNobody_IsDoneAtOnce_AndNobodyIsSentAnObject()
    {
        var (_, _, below) = Leaves();
        var from = below.Log.Count;
        _scenario.Write(Object(Inst, "o1", "x", "oslo"));
        using var wait = Begin(5);
        _scenario.Tree.Settle();

        Assert.True(wait.Progress().IsApplied);
        Assert.Empty(Scenario.Sent(below, isDown: true, from));
        Assert.Equal(5, below.Below.Mirror.Snapshot().StoredRevision);
    }

    [Fact]
    public void Wait_ForARevisionToCome_IsDoneWhenItHasCome()
    {
        Leaves();
        using var wait = Begin(5);
        _scenario.Tree.Settle();
        Assert.Equal(["deep", "direct", "hub", "lower", "upper"], Pending(wait));

        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Wait_NamesALeafBelowTwoRelaysWhoseHandlersHaveNotReturned()
    {
        var (deep, _, _) = Leaves();
        using var slow = Stall(deep);
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        using var wait = Begin(5);
        _scenario.Tree.Pass(200);
        Assert.Equal((1, "deep"), (wait.Progress().Pending, Assert.Single(wait.Progress().PendingNodes)));

        deep.HandlersStalled = false;
        _scenario.Tree.Settle();
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Wait_NamesAFrozenLeaf_AlsoWhereTheRevisionDoesNotConcernIt()
    {
        var (_, _, below) = Leaves();
        (below.UpHeld, below.DownHeld) = (true, true);
        _scenario.Write(Object(Inst, "o1", "x", "oslo"));
        using var wait = Begin(5);
        _scenario.Tree.Pass(200);
        Assert.Equal(["deep"], Pending(wait));

        (below.UpHeld, below.DownHeld) = (false, false);
        _scenario.Tree.Settle();
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Wait_NamesAllBehindAFrozenRelay()
    {
        Leaves();
        (_top.UpHeld, _top.DownHeld) = (true, true);
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        using var wait = Begin(5);
        _scenario.Tree.Settle();

        Assert.Equal(["deep", "lower", "upper"], Pending(wait));
        (_top.UpHeld, _top.DownHeld) = (false, false);
        _scenario.Tree.Pass(200);
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Wait_ForSomeNodes_AsksNoOthers()
    {
        var (_, direct, _) = Leaves();
        using var wait = Begin(4, "direct");
        _scenario.Tree.Settle();

        Assert.True(wait.Progress().IsApplied);
        Assert.DoesNotContain(_scenario.Tree.Links.Where(link => link.Below.Name is "deep"), link => link.Log.Exists(entry => entry.Frame.Barrier is not null));
        Assert.Equal(4, direct.Mirror.Snapshot().StoredRevision);
    }

    [Fact]
    public void Wait_ByRole_CountsThoseOfTheRoleAtEveryLevel()
    {
        var (deep, direct, _) = Leaves();
        using var first = Stall(deep);
        using var second = Stall(direct);
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        using (var relays = Begin(5, "role=relay"))
        using (var leaves = Begin(5, "role=leaf"))
        {
            _scenario.Tree.Pass(200);
            Assert.True(relays.Progress().IsApplied);
            Assert.Equal(["deep", "direct"], Pending(leaves));
        }
    }

    [Fact]
    public void Wait_AskedAtARelay_IsAboutWhatIsBelowIt()
    {
        Leaves();
        _top.DownHeld = true;
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        using var wait = _upper.Hub!.BeginWait(5, NodeSelector.All);
        _scenario.Tree.Settle();
        Assert.Equal(["deep", "lower", "upper"], Pending(wait));

        _top.DownHeld = false;
        _scenario.Tree.Pass(200);
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Wait_ForNodesThatNobodyKnows_SaysSo()
    {
        Leaves();
        using var named = Begin(4, "deep,dep,direkt");
        Assert.Equal(["dep", "direkt"], Assert.Throws<UnknownNodesException>(() => named.Progress()).Names);
        using var none = Begin(4, "role=dme");
        Assert.Contains("role=dme", Assert.Throws<UnknownNodesException>(() => none.Progress()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wait_AtAHubThatHasJustStarted_IsNotDoneBeforeNodesHadTimeToComeBack()
    {
        var scenario = new Scenario(hub: new HubOptions { SettleMs = 1000 }).WithSmallWorld();
        using var wait = scenario.Hub.Hub!.BeginWait(4, NodeSelector.Parse("leaf"));
        Assert.Equal(["hub"], wait.Progress().PendingNodes);

        scenario.Connect(scenario.Leaf("leaf"));
        Assert.Equal(["hub"], wait.Progress().PendingNodes);
        scenario.Tree.Pass(1000);
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Wait_ForALeafThatMirrorsNothingOfTheStore_IsDoneWhenItsSessionHasAcknowledged()
    {
        var leaf = _scenario.Leaf("alarms", none => none.With(Alarm, Selector.All));
        var link = _scenario.Connect(leaf, _lower);
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        link.UpHeld = true;
        using var wait = Begin(5, "alarms");
        _scenario.Tree.Pass(200);
        Assert.Equal(["alarms"], Pending(wait));

        link.UpHeld = false;
        _scenario.Tree.Settle();
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Wait_ForALeafWhoseFirstSyncIsUnderWay_IsNotDoneBeforeThat_ThoughItHasHeardOfTheRevision()
    {
        Leaves();
        var fresh = _scenario.Leaf("fresh", none => none.WithSite("paris"));
        _top.DownHeld = true;
        _scenario.Connect(fresh, _lower);
        using var wait = _lower.Hub!.BeginWait(4, NodeSelector.Parse("fresh"));
        _scenario.Tree.Pass(200);
        Assert.Equal((4, false), (fresh.Mirror.Snapshot().StoredRevision, fresh.Mirror.IsSynced));
        Assert.Equal(["fresh"], Pending(wait));

        _top.DownHeld = false;
        _scenario.Tree.Pass(200);
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public async Task WaitUntilApplied_CompletesWithTheLastNode()
    {
        var (deep, _, _) = Leaves();
        using var slow = Stall(deep);
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        var waiting = Hub.Hub!.WaitUntilAppliedAsync(5, NodeSelector.All, CancellationToken.None);
        _scenario.Tree.Pass(200);
        Assert.False(waiting.IsCompleted);

        deep.HandlersStalled = false;
        _scenario.Tree.Pass(200);
        await waiting;
        Assert.Equal(0, Hub.Hub!.WaitCount);
    }
}
