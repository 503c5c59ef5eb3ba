using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>References first: an object comes after what it refers to and goes before it, and brings it along.</summary>
public sealed class G7Tests
{
    private static Interest Everything(Interest none) => none.With(Flavor, Selector.All).With(App, Selector.All).With(Inst, Selector.All);

    private static Envelope[] Chain(string name, string site) =>
    [
        Object(Inst, name, "i", site, (App, name)),
        Object(App, name, "a", null, (Flavor, name)),
        Object(Flavor, name, "f"),
    ];

    [Fact]
    public void G7_Bundle_BringsUpsertsByRisingAndRemovalsByFallingRank()
    {
        var scenario = new Scenario();
        scenario.Write([.. Chain("a", "berlin"), .. Chain("b", "berlin")]);
        var leaf = scenario.Leaf("leaf", Everything);
        var link = scenario.Connect(leaf);
        Assert.Equal(["a", "b", "a", "b", "a", "b"], Sent(link, isDown: true));
        Assert.Equal([Flavor, Flavor, App, App, Inst, Inst], TypesSent(scenario, link, 0));

        var from = link.Log.Count;
        scenario.Commit(Chain("c", "berlin"), [Id(Flavor, "a"), Id(Inst, "a"), Id(App, "a")]);

        Assert.Equal([Flavor, App, Inst, Inst, App, Flavor], TypesSent(scenario, link, from));
    }

    [Fact]
    public void G7_Order_HoldsAcrossTheFramesOfABundle()
    {
        var scenario = new Scenario();
        scenario.Write([.. Enumerable.Range(0, 300).SelectMany(i => Chain($"{i}", "berlin")).Select(one => one with { Value = Google.Protobuf.ByteString.CopyFromUtf8(new string('x', 1000)) })]);
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));

        var link = scenario.Connect(leaf);

        Assert.True(link.Log.Count(entry => entry.Frame.BundleChanges is not null) > 3);
        var ranks = TypesSent(scenario, link, 0).Select(type => scenario.Hub.Mirror.Types.Find(type)!.Rank).ToArray();
        Assert.Equal(900, ranks.Length);
        Assert.Equal(ranks.Order(), ranks);
    }

    [Fact]
    public void G7_Events_ComeInReferenceOrder()
    {
        var scenario = new Scenario();
        scenario.Write(Chain("old", "berlin"));
        var leaf = scenario.Leaf("leaf", Everything);
        scenario.Connect(leaf);
        var recorder = new Recorder(leaf);

        scenario.Commit(Chain("new", "berlin"), [Id(Flavor, "old"), Id(App, "old"), Id(Inst, "old")]);

        Assert.Equal(["+Flavor/new=f", "+App/new=a", "+Inst/new=i", "-Inst/old", "-App/old", "-Flavor/old"], recorder.Events);
    }

    [Fact]
    public void G7_Scope_BringsWhatItRefersTo_Transitively()
    {
        var scenario = new Scenario();
        scenario.Write([.. Chain("near", "berlin"), .. Chain("far", "paris")]);
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));

        scenario.Connect(leaf);

        Holds(leaf, "App/near=a", "Flavor/near=f", "Inst/near=i");
    }

    [Fact]
    public void G7_Target_StaysUntilItsLastReferrerGoes()
    {
        var scenario = new Scenario();
        scenario.Write(Chain("web", "berlin"));
        scenario.Write(Object(Inst, "second", "i", "berlin", (App, "web")), Object(App, "other", "o", null, (Flavor, "web")));
        scenario.Write(Object(Inst, "third", "i", "berlin", (App, "other")));
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        scenario.Connect(leaf);

        scenario.Delete(Id(Inst, "web"));
        Holds(leaf, "App/other=o", "App/web=a", "Flavor/web=f", "Inst/second=i", "Inst/third=i");
        scenario.Delete(Id(Inst, "second"));
        Holds(leaf, "App/other=o", "Flavor/web=f", "Inst/third=i");
        scenario.Write(Object(Inst, "third", "i", "berlin"));
        Holds(leaf, "Inst/third=i");
    }

    [Fact]
    public void G7_Target_OfTwoScopesThatOnlyTheOtherSpaceNames_StaysUntilItsLastReferrerGoes()
    {
        // The node asks for the statuses of two sites and for what is referred to there, and not for the instances that refer.
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none
            .With(Status, Selector.In(InSite("berlin")))
            .With(Status, Selector.In(InSite("paris")))
            .With(App, Selector.Referred));
        scenario.Connect(leaf);
        Holds(leaf, "App/web=a");

        scenario.Delete(Id(Inst, "b1"));
        Holds(leaf, "App/web=a");
        scenario.Delete(Id(Inst, "p1"));
        Holds(leaf);
    }

    [Fact]
    public void G7_DanglingReference_IsAllowed_AndItsTargetComesWhenItAppears()
    {
        var scenario = new Scenario();
        scenario.Write(Object(Inst, "i", "i", "berlin", (App, "web")));
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        scenario.Connect(leaf);
        Holds(leaf, "Inst/i=i");

        scenario.Write(Object(App, "web", "a", null, (Flavor, "small")));
        Holds(leaf, "App/web=a", "Inst/i=i");
        scenario.Write(Object(Flavor, "small", "f"));
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/i=i");
        scenario.Delete(Id(App, "web"));
        Holds(leaf, "Inst/i=i");
        scenario.Write(Object(App, "web", "back", null, (Flavor, "small")));
        Holds(leaf, "App/web=back", "Flavor/small=f", "Inst/i=i");
    }

    [Fact]
    public void G7_Reference_IntoAnotherScope_IsNotFollowed()
    {
        // t.App has no scope in this model, but an object that carries one belongs there and comes with it only.
        var types = All.Select(type => type.Name == App ? type with { ScopeType = Site, Filtered = true } : type).ToArray();
        var hub = new SimulatedNode("hub", "p1", 0, types, isHub: true);
        var leaf = new SimulatedNode("leaf", "p2", 0, types, isHub: false);
        leaf.SetInterest(none => none.With(Inst, Selector.In(InSite("berlin"))).With(App, Selector.Referred));
        hub.Mirror.LoadStore(Store, 1,
        [
            Object(App, "web", "a", "paris") with { Revision = 1 },
            Object(App, "free", "a") with { Revision = 1 },
            Object(Inst, "i", "i", "berlin", (App, "web"), (App, "free")) with { Revision = 1 },
        ]);
        var tree = new SimulatedTree();
        tree.Add(hub);
        tree.Add(leaf);
        tree.Connect(leaf, hub);
        tree.Settle();

        Holds(leaf, "App/free=a", "Inst/i=i");
        hub.Mirror.ApplyStoreCommit(2, [Object(App, "web", "a") with { Revision = 2 }, Object(App, "free", "a", "paris") with { Revision = 2 }], []);
        tree.Settle();
        Holds(leaf, "App/web=a", "Inst/i=i");
    }

    [Fact]
    public void G7_Reference_LearnedLater_IsFollowedFromThen()
    {
        // The hub knew an older schema, in which instances refer to nothing.
        var older = All.Select(type => type.Name == Inst ? type with { RefersTo = [] } : type).ToArray();
        var tree = new SimulatedTree();
        var hub = tree.Add(new SimulatedNode("hub", "p1", tree.NowMs, older, isHub: true));
        hub.Mirror.LoadStore(Store, 1, Chain("web", "berlin").Select(one => one with { Revision = 1 }));
        var leaf = tree.Add(new SimulatedNode("leaf", "p2", tree.NowMs, older, isHub: false));
        leaf.SetInterest(none => none.WithSite("berlin"));

        tree.Connect(leaf, hub);
        tree.Settle();
        Holds(leaf, "Inst/web=i");

        hub.Mirror.Types.Declare(All.Single(type => type.Name == Inst));
        hub.Mirror.ApplyStoreCommit(2, [Object(Inst, "other", "x", "paris") with { Revision = 2 }], []);
        tree.Settle();

        Holds(leaf, "App/web=a", "Flavor/web=f", "Inst/web=i");
    }

    private static List<string> TypesSent(Scenario scenario, SimulatedLink link, int from) =>
    [
        .. link.Log.Skip(from)
            .Where(entry => entry is { IsDown: true, Frame.BundleChanges: not null })
            .SelectMany(entry => entry.Frame.BundleChanges.Changes)
            .Select(change => scenario.Hub.Mirror.Types.All[(int)change.Type - 1].Name),
    ];
}
