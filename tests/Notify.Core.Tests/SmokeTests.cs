using Notify.Core.Journal;
using Notify.Core.Sync;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void Tree_OfTwo_MirrorsDownAndUp()
    {
        var tree = new SimulatedTree();
        var hub = tree.Add(new SimulatedNode("hub", "p1", tree.NowMs, All, isHub: true));
        hub.Mirror.LoadStore(new Space("store", "1"), 5,
        [
            Object(Flavor, "small", "f") with { Revision = 1 },
            Object(App, "web", "a", null, (Flavor, "small")) with { Revision = 2 },
            Object(Inst, "i1", "x", "berlin", (App, "web")) with { Revision = 3 },
            Object(Inst, "i2", "y", "paris", (App, "web")) with { Revision = 4 },
        ]);
        hub.Hub!.Tick(tree.NowMs);
        var leaf = tree.Add(new SimulatedNode("leaf", "p2", tree.NowMs, All, isHub: false));
        leaf.SetInterest(interest => interest.WithSite("berlin"));
        leaf.Mirror.Publish([Object(Status, "s1", "up", "berlin")], []);
        var dme = tree.Add(new SimulatedNode("dme", "p3", tree.NowMs, All, isHub: false));
        dme.SetInterest(interest => interest.With(Inst, Selector.All).With(Status, Selector.All));

        var link = tree.Connect(leaf, hub);
        tree.Connect(dme, hub);
        tree.Settle();

        Assert.Null(link.Client.End);
        Assert.Equal(["App/web=a", "Flavor/small=f", "Inst/i1=x", "Status/s1=up"], Content(leaf.Mirror.Snapshot()));
        Assert.Equal(["Inst/i1=x", "Inst/i2=y", "Status/s1=up"], Content(dme.Mirror.Snapshot()));
        Assert.True(leaf.Mirror.IsSynced);
        Assert.True(dme.Mirror.IsSynced);

        hub.Mirror.ApplyStoreCommit(6, [Object(Inst, "i1", "moved", "paris", (App, "web")) with { Revision = 6 }], []);
        tree.Settle();
        Assert.Equal(["Status/s1=up"], Content(leaf.Mirror.Snapshot()));
        Assert.Equal(["Inst/i1=moved", "Inst/i2=y", "Status/s1=up"], Content(dme.Mirror.Snapshot()));

        link.Cut(tree.NowMs);
        tree.Settle();
        Assert.Equal(["Inst/i1=moved", "Inst/i2=y"], Content(dme.Mirror.Snapshot()));
        tree.Connect(leaf, hub);
        hub.Mirror.ApplyStoreCommit(7, [Object(Inst, "i2", "moved", "berlin", (App, "web")) with { Revision = 7 }], []);
        tree.Settle();
        Assert.Equal(["Inst/i1=moved", "Inst/i2=moved", "Status/s1=up"], Content(dme.Mirror.Snapshot()));
        Assert.Equal(["App/web=a", "Flavor/small=f", "Inst/i2=moved", "Status/s1=up"], Content(leaf.Mirror.Snapshot()));
    }
}
