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
}
