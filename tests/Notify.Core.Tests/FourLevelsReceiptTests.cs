using Notify.Core.Protocol;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>Receipts of a tree with two relays: what is applied, and what is applied below.</summary>
public sealed class FourLevelsReceiptTests : FourLevels
{
    [Fact]
    public void Receipts_OfTheIncarnationBefore_DoNotCount()
    {
        var leaf = StalledLeaf();
        _scenario.Load(_scenario.Hub, Store with { Incarnation = "2" }, upTo: 3);
        Assert.Equal((3, 0), (_top.Server.AppliedByPeer(SpaceKind.Stored), _top.Server.BelowByPeer(SpaceKind.Stored)));

        leaf.HandlersStalled = false;
        _scenario.Tree.Settle();
        Assert.Equal(3, _top.Server.BelowByPeer(SpaceKind.Stored));
    }

    [Fact]
    public void Receipts_OfTheWholeTree_ReachTheHub()
    {
        var leaf = StalledLeaf();
        _scenario.Write(Object(Inst, "b1", "z", "berlin"));
        Assert.Equal((5, 4), (_top.Server.AppliedByPeer(SpaceKind.Stored), _top.Server.BelowByPeer(SpaceKind.Stored)));

        leaf.HandlersStalled = false;
        _scenario.Tree.Settle();
        Assert.Equal(5, _top.Server.BelowByPeer(SpaceKind.Stored));
    }

    [Fact]
    public void Receipts_OfALeafThatGoesOnElsewhere_WaitForItsHandlers()
    {
        _scenario.Connect(_scenario.Leaf("other", none => none.WithSite("berlin")), _lower);
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = _scenario.Connect(leaf);
        using var slow = leaf.Mirror.Subscribe(_ => { }, leaf.Mirror.Snapshot());
        _scenario.Tree.Pass(10_000);
        leaf.HandlersStalled = true;
        _scenario.Write(Object(Inst, "b1", "z", "berlin"));

        // The relay has nothing to send that the leaf does not have, and gets to send no more than its welcome.
        link.Cut(_scenario.Tree.NowMs);
        var next = _scenario.Tree.Connect(leaf, _lower);
        (next.DownHeld, next.WindowFrames) = (true, 1);
        _scenario.Tree.Settle();
        Assert.Equal(0, next.Server.AppliedThere(SpaceKind.Stored));
        next.DownHeld = false;
        _scenario.Tree.Settle();
        Assert.Equal(0, next.Server.AppliedThere(SpaceKind.Stored));

        leaf.HandlersStalled = false;
        _scenario.Tree.Settle();
        Assert.Equal(5, next.Server.AppliedThere(SpaceKind.Stored));
        Assert.Equal(5, _top.Server.BelowByPeer(SpaceKind.Stored));
    }

    [Fact]
    public void Receipts_OfALeaf_WaitForWhatItsRelayHasYetToGet()
    {
        _scenario.Connect(_scenario.Leaf("other", none => none.With(Flavor, Selector.All)), _lower);
        _top.UpHeld = true;
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = _scenario.Connect(leaf, _lower);
        Assert.Equal(4, leaf.Mirror.Snapshot().StoredRevision);
        Assert.Equal((0, 0), (link.Server.AppliedByPeer(SpaceKind.Stored), link.Server.AppliedThere(SpaceKind.Stored)));

        _top.UpHeld = false;
        _scenario.Tree.Settle();
        Assert.Equal(4, link.Server.AppliedByPeer(SpaceKind.Stored));
    }

    /// <summary>A leaf that has everything, and handles nothing that comes from now on.</summary>
    private SimulatedNode StalledLeaf()
    {
        var leaf = _scenario.Leaf("leaf", none => none.WithSite("berlin"));
        _scenario.Connect(leaf, _lower);
        leaf.Mirror.Subscribe(_ => { }, leaf.Mirror.Snapshot());
        _scenario.Tree.Pass(10_000);
        Assert.Equal(4, _top.Server.BelowByPeer(SpaceKind.Stored));
        leaf.HandlersStalled = true;
        return leaf;
    }
}
