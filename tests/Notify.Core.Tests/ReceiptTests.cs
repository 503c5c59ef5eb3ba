using Notify.Core.Protocol;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;
using Space = Notify.Core.Journal.Space;

namespace Notify.Core.Tests;

public sealed class ReceiptTests
{
    [Fact]
    public void Receipt_ForRevisionsThatDoNotConcernThePeer_ComesWithTheNextHeartbeat()
    {
        var tree = new SimulatedTree();
        var hub = tree.Add(new SimulatedNode("hub", "p1", tree.NowMs, All, isHub: true));
        hub.Mirror.LoadStore(new Space("store", "1"), 1, []);
        var leaf = tree.Add(new SimulatedNode("leaf", "p2", tree.NowMs, All, isHub: false));
        leaf.SetInterest(interest => interest.WithSite("berlin"));
        var link = tree.Connect(leaf, hub);
        tree.Settle();

        hub.Mirror.ApplyStoreCommit(2, [Object(Inst, "elsewhere", "1", "paris") with { Revision = 2 }], []);
        tree.Settle();
        Assert.Equal(1, link.Server.AppliedByPeer(SpaceKind.Stored));

        tree.Pass(leaf.Settings.Limits.HeartbeatMs);
        Assert.Equal(2, link.Server.AppliedByPeer(SpaceKind.Stored));
        Assert.Equal(2, leaf.Mirror.Snapshot().StoredRevision);
    }

    [Fact]
    public void Receipt_AfterARestore_IsOfTheNewIncarnation()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Core.Sync.Selector.All));
        var link = scenario.Connect(leaf);
        Assert.Equal(4, link.Server.AppliedByPeer(SpaceKind.Stored));

        scenario.Load(scenario.Hub, Scenario.Store with { Incarnation = "2" }, upTo: 2);
        Assert.Equal(2, link.Server.AppliedByPeer(SpaceKind.Stored));
        scenario.Hub.Mirror.ApplyStoreCommit(3, [Object(Inst, "b1", "x", "berlin") with { Revision = 3 }], []);
        scenario.Tree.Settle();

        Assert.Equal(3, link.Server.AppliedByPeer(SpaceKind.Stored));
    }

    [Fact]
    public void Receipt_WaitsForTheHandlers_OfEachRevision()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Core.Sync.Selector.All));
        var link = scenario.Connect(leaf);
        using var slow = leaf.Mirror.Subscribe(_ => { }, leaf.Mirror.Snapshot());
        scenario.Tree.Settle();
        leaf.HandlersStalled = true;
        for (var i = 0; i < 40; i++)
        {
            scenario.Write(Object(Inst, "b1", $"{i}", "berlin"));
        }

        Assert.Equal(44, leaf.Mirror.Snapshot().StoredRevision);
        Assert.Equal(4, link.Server.AppliedByPeer(SpaceKind.Stored));
        leaf.HandlersStalled = false;
        scenario.Tree.Settle();

        Assert.Equal(44, link.Server.AppliedByPeer(SpaceKind.Stored));
    }
}
