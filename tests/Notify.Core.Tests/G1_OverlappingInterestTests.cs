using Notify.Core.Journal;
using Notify.Core.Sync;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Items of an interest that cover the same objects, in any order.</summary>
public sealed class G1_OverlappingInterestTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void G1_OneKeyAndItsWholeType_BringEachObjectOnce(bool keyFirst)
    {
        var tree = new SimulatedTree();
        var hub = tree.Add(new SimulatedNode("hub", "p1", tree.NowMs, All, isHub: true));
        hub.Mirror.LoadStore(new Space("store", "1"), 2, [Object(App, "a", "1") with { Revision = 1 }, Object(App, "b", "1") with { Revision = 2 }]);
        var leaf = tree.Add(new SimulatedNode("leaf", "p2", tree.NowMs, All, isHub: false));

        // Set one after the other, so that they are numbered and asked for in this order.
        var (first, second) = keyFirst ? (Selector.Of(Key("a")), Selector.All) : (Selector.All, Selector.Of(Key("a")));
        leaf.SetInterest(interest => interest.With(App, first));
        leaf.SetInterest(interest => interest.With(App, second));
        var link = tree.Connect(leaf, hub);
        tree.Settle();

        Assert.Null(link.Client.End);
        Assert.Equal(["App/a=1", "App/b=1"], Content(leaf.Mirror.Snapshot()));
        Assert.Equal(2, link.Log.Where(delivered => delivered.IsDown).Sum(delivered => delivered.Frame.BundleChanges?.Changes.Count ?? 0));
    }
}
