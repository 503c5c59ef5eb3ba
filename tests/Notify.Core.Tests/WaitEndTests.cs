using Notify.Core.Protocol;
using Notify.Core.Sessions;
using static Notify.Testing.Tree.TestTypes;
using Barrier = Notify.Core.Protocol.Barrier;

namespace Notify.Core.Tests;

/// <summary>How waits and their barriers end, what they leave behind, and their limits.</summary>
public sealed class WaitEndTests : WaitTree
{
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
}
