using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;
using Barrier = Notify.Core.Protocol.Barrier;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>Waiting until every node of a tree of four levels has applied a revision: hub, two relays in a row, leaves at each.</summary>
public sealed class WaitTests
{
    private readonly Scenario _scenario = new Scenario().WithSmallWorld();
    private readonly SimulatedNode _upper;
    private readonly SimulatedNode _lower;
    private readonly SimulatedLink _top;
    private readonly SimulatedLink _middle;

    public WaitTests()
    {
        (_upper, _lower) = (_scenario.Relay("upper"), _scenario.Relay("lower"));
        _top = _scenario.Connect(_upper);
        _middle = _scenario.Connect(_lower, _upper);
    }

    private SimulatedNode Hub => _scenario.Hub;

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
        using var slow = deep.Mirror.Subscribe(_ => { }, deep.Mirror.Snapshot());
        _scenario.Tree.Settle();
        deep.HandlersStalled = true;
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
        (deep.HandlersStalled, direct.HandlersStalled) = (true, true);
        using var first = deep.Mirror.Subscribe(_ => { }, deep.Mirror.Snapshot());
        using var second = direct.Mirror.Subscribe(_ => { }, direct.Mirror.Snapshot());
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
        var other = _scenario.Relay("other");
        _scenario.Connect(other);
        var (deep, _, below) = Leaves();
        using var slow = deep.Mirror.Subscribe(_ => { }, deep.Mirror.Snapshot());
        deep.HandlersStalled = true;
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
        var other = _scenario.Relay("other");
        _scenario.Connect(other);
        var (deep, _, below) = Leaves();
        using var slow = deep.Mirror.Subscribe(_ => { }, deep.Mirror.Snapshot());
        deep.HandlersStalled = true;
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
        var other = _scenario.Relay("other");
        _scenario.Connect(other);
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

    [Fact]
    public void Wait_WhileTheStoreIsRestored_Fails()
    {
        Leaves();
        using var wait = Begin(5);
        _scenario.Load(Hub, Scenario.Store with { Incarnation = "2" }, upTo: 3);
        _scenario.Tree.Settle();

        Assert.Equal(5, Assert.Throws<WaitReplacedException>(() => wait.Progress()).Revision);
    }

    [Fact]
    public void Wait_AfterARestore_IsAboutTheNewIncarnation()
    {
        var (_, _, below) = Leaves();
        below.DownHeld = true;
        _scenario.Load(Hub, Scenario.Store with { Incarnation = "2" }, upTo: 2);
        using var wait = Begin(2);
        _scenario.Tree.Pass(200);
        Assert.Equal(["deep"], Pending(wait));

        below.DownHeld = false;
        _scenario.Tree.Settle();
        Assert.True(wait.Progress().IsApplied);
    }

    [Fact]
    public void Wait_ThatIsGivenUp_LeavesNothingAtAnyNode()
    {
        var (_, _, below) = Leaves();
        below.DownHeld = true;
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        Begin(9).Dispose();
        using (Begin(5))
        {
            _scenario.Tree.Pass(200);
            Assert.Equal(1, _lower.Hub!.WaitCount);
        }

        below.DownHeld = false;
        _scenario.Tree.Settle();
        Assert.Equal([0, 0, 0], new[] { Hub, _upper, _lower }.Select(node => node.Hub!.WaitCount));
        Assert.All(_scenario.Tree.Links, link => Assert.Equal((0, 0), (link.Client.BarrierCount, link.Server.Barriers.Count)));
        Assert.All(new[] { Hub, _upper, _lower }, node => Assert.Equal((0, 0), (node.Mirror.WaitCount, node.Mirror.HandledWakeCount)));
    }

    [Fact]
    public void Wait_OfARelayWhoseUpstreamIsLost_EndsThere()
    {
        var (_, _, below) = Leaves();
        below.DownHeld = true;
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        using var wait = Begin(5);
        _scenario.Tree.Settle();
        Assert.Equal(1, _lower.Hub!.WaitCount);

        _top.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Settle();
        Assert.Equal([1, 0, 0], new[] { Hub, _upper, _lower }.Select(node => node.Hub!.WaitCount));
    }

    [Fact]
    public void BeginWait_BeyondTheLimit_IsRefused()
    {
        var waits = Enumerable.Range(0, 64).Select(_ => Begin(9)).ToList();
        Assert.Equal(64, Assert.Throws<TooManyWaitsException>(() => Begin(9)).WaitsMax);
        waits.ForEach(wait => wait.Dispose());
        Begin(4).Dispose();
    }

    [Fact]
    public void Barriers_BeyondTheLimit_EndTheirSession()
    {
        var scenario = new Scenario(new SessionLimits { BarriersMax = 2 });
        var raw = new RawPeer(scenario).Open();
        for (var id = 1u; id <= 3; id++)
        {
            raw.Send(new Frame { Barrier = new Barrier { Id = id, Space = SpaceKind.Dynamic, Revision = 99 } });
        }

        Assert.Equal(Core.Transport.GrpcStatusCode.ResourceExhausted, raw.Session.End?.Code);
    }

    [Fact]
    public void Barrier_WithASelectorOfALaterVersion_LeavesItsReceiverPending()
    {
        var link = _top;
        var next = (ulong)link.Log.Count(entry => entry.IsDown);
        link.Client.Receive(
            Google.Protobuf.MessageExtensions.ToByteArray(new Frame
            {
                Number = next + 1,
                Barrier = new Barrier { Id = 99, Space = SpaceKind.Stored, Revision = 1, NodeSelector = "site=berlin" },
            }),
            _scenario.Tree.NowMs);
        Assert.True(link.Client.TryWrite(_scenario.Tree.NowMs, out var frame));

        Assert.Equal((1u, "upper"), (Frame.Parser.ParseFrom(frame.Span).BarrierReply.Pending, Frame.Parser.ParseFrom(frame.Span).BarrierReply.PendingNodes[0]));
    }

    [Fact]
    public void PendingNodes_AreSome_AndTheirNumberIsThatOfAll()
    {
        for (var i = 0; i < 50; i++)
        {
            _scenario.Connect(_scenario.Leaf($"leaf-{i:00}", none => none.WithSite("berlin")), i % 2 == 0 ? _lower : _upper);
        }

        using var wait = Begin(5, "leaf-*");
        _scenario.Tree.Pass(200);
        Assert.Equal((50, AppliedProgress.NamesMax), (wait.Progress().Pending, wait.Progress().PendingNodes.Count));
        Assert.All(_top.Log.Where(entry => entry.Frame.BarrierReply is not null), entry => Assert.True(entry.Frame.BarrierReply.PendingNodes.Count <= 20));
    }

    [Fact]
    public async Task WaitUntilApplied_CompletesWithTheLastNode()
    {
        var (deep, _, _) = Leaves();
        using var slow = deep.Mirror.Subscribe(_ => { }, deep.Mirror.Snapshot());
        deep.HandlersStalled = true;
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        var waiting = Hub.Hub!.WaitUntilAppliedAsync(5, NodeSelector.All, CancellationToken.None);
        _scenario.Tree.Pass(200);
        Assert.False(waiting.IsCompleted);

        deep.HandlersStalled = false;
        _scenario.Tree.Pass(200);
        await waiting;
        Assert.Equal(0, Hub.Hub!.WaitCount);
    }

    private static string[] Pending(AppliedWait wait)
    {
        var progress = wait.Progress();
        Assert.Equal(progress.PendingNodes.Count, progress.Pending);
        return [.. progress.PendingNodes.Order(StringComparer.Ordinal)];
    }

    private AppliedWait Begin(long revision, string nodes = "*") => Hub.Hub!.BeginWait(revision, NodeSelector.Parse(nodes));

    /// <summary>A leaf below both relays and one next to the hub.</summary>
    private (SimulatedNode Deep, SimulatedNode Direct, SimulatedLink Below) Leaves()
    {
        var (deep, direct) = (_scenario.Leaf("deep", none => none.WithSite("berlin")), _scenario.Leaf("direct", none => none.WithSite("berlin")));
        var below = _scenario.Connect(deep, _lower);
        _scenario.Connect(direct);
        return (deep, direct, below);
    }
}
