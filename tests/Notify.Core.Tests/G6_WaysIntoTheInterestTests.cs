using Notify.Core.Protocol;
using Notify.Core.Types;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;
using Space = Notify.Core.Journal.Space;
using TypeDeclaration = Notify.Core.Types.TypeDeclaration;
using TypeKind = Notify.Core.Types.TypeKind;

namespace Notify.Core.Tests;

/// <summary>Objects that stay in a scope's lane but get there another way, and interest whose scopes and references lie in different spaces.</summary>
public sealed class G6_WaysIntoTheInterestTests
{
    private const string Cluster = "t.Cluster";
    private const string Member = "t.Member";

    private static readonly Space s_store = new("store", "1");

    /// <summary>Clusters may have a site of their own; members do, and refer to clusters.</summary>
    private static readonly TypeDeclaration[] s_types =
    [
        new(Cluster, TypeKind.Stored, All[0].KeyLayout) { ScopeType = Site, Filtered = true },
        new(Member, TypeKind.Stored, All[0].KeyLayout) { ScopeType = Site, Filtered = true, RefersTo = [Cluster] },
    ];

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void G6_Object_ThatLosesItsScopeAndIsReferredTo_LeavesWhoAskedForTheScopeOnly(bool losesScope, bool whileAway)
    {
        var (tree, hub) = Start();
        Envelope Version(string value, bool scoped) => Object(Cluster, "c", value, scoped ? "berlin" : null);
        hub.Mirror.LoadStore(s_store, 2, [Version("1", losesScope) with { Revision = 1 }, Object(Member, "m", "1", "berlin", (Cluster, "c")) with { Revision = 2 }]);
        var leaf = tree.Add(new SimulatedNode("leaf", "p2", tree.NowMs, s_types, isHub: false));
        leaf.SetInterest(none => none.With(Cluster, losesScope ? Selector.In(InSite("berlin")) : Selector.Referred).With(Member, Selector.In(InSite("berlin"))));
        var link = tree.Connect(leaf, hub);
        tree.Settle();
        Assert.Equal(["Cluster/c=1", "Member/m=1"], Content(leaf.Mirror.Snapshot(), Cluster, Member));
        if (whileAway)
        {
            link.Cut(tree.NowMs);
        }

        hub.Mirror.ApplyStoreCommit(3, [Version("2", !losesScope) with { Revision = 3 }], []);
        if (whileAway)
        {
            tree.Connect(leaf, hub);
        }

        tree.Settle();

        Assert.Equal(["Member/m=1"], Content(leaf.Mirror.Snapshot(), Cluster, Member));

        // Back as it was, it is back.
        hub.Mirror.ApplyStoreCommit(4, [Version("3", losesScope) with { Revision = 4 }], []);
        tree.Settle();
        Assert.Equal(["Cluster/c=3", "Member/m=1"], Content(leaf.Mirror.Snapshot(), Cluster, Member));
    }

    [Fact]
    public void G6_Object_ThatLosesItsScope_StaysWithWhoAskedForReferencesToo()
    {
        var (tree, hub) = Start();
        hub.Mirror.LoadStore(s_store, 2, [Object(Cluster, "c", "1", "berlin") with { Revision = 1 }, Object(Member, "m", "1", "berlin", (Cluster, "c")) with { Revision = 2 }]);
        var leaf = tree.Add(new SimulatedNode("leaf", "p2", tree.NowMs, s_types, isHub: false));
        leaf.SetInterest(none => none.With(Cluster, Selector.In(InSite("berlin"))).With(Cluster, Selector.Referred).With(Member, Selector.In(InSite("berlin"))));
        tree.Connect(leaf, hub);
        tree.Settle();
        var recorder = new Recorder(leaf);

        hub.Mirror.ApplyStoreCommit(3, [Object(Cluster, "c", "2") with { Revision = 3 }], []);
        tree.Settle();

        Assert.Equal(["~Cluster/c=2"], recorder.Events);
    }

    [Fact]
    public void G6_Object_ThatChangesItsWayAsTheInterestDoes_LeavesAllTheSame()
    {
        var (tree, hub) = Start();
        hub.Mirror.LoadStore(s_store, 2, [Object(Cluster, "c", "1", "berlin") with { Revision = 1 }, Object(Member, "m", "1", "berlin", (Cluster, "c")) with { Revision = 2 }]);
        var leaf = tree.Add(new SimulatedNode("leaf", "p2", tree.NowMs, s_types, isHub: false));
        leaf.SetInterest(none => none.With(Cluster, Selector.In(InSite("berlin"))).With(Member, Selector.In(InSite("berlin"))));
        var link = tree.Connect(leaf, hub);
        tree.Settle();
        link.DownHeld = true;
        leaf.SetInterest(interest => interest.Without(Cluster, Selector.In(InSite("berlin"))));
        hub.Mirror.ApplyStoreCommit(3, [Object(Cluster, "c", "2") with { Revision = 3 }], []);
        tree.Settle();
        link.DownHeld = false;
        tree.Settle();

        Assert.Equal(["Member/m=1"], Content(leaf.Mirror.Snapshot(), Cluster, Member));
    }

    [Fact]
    public void G6_Reference_FromOneOfTwoScopesOfTheOtherSpace_WhenItGoes_LeavesWhatTheOtherRefersTo()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none
            .With(Status, Selector.In(InSite("berlin")))
            .With(Status, Selector.In(InSite("paris")))
            .With(App, Selector.Referred)
            .With(Flavor, Selector.Referred));
        scenario.Connect(leaf);
        Holds(leaf, "App/web=a", "Flavor/small=f");

        scenario.Delete(Id(Inst, "b1"));
        Holds(leaf, "App/web=a", "Flavor/small=f");

        scenario.Delete(Id(Inst, "p1"));
        Holds(leaf);
    }

    [Fact]
    public void G6_Interest_WidenedByAScopeBeforeTheSessionBroke_BringsWhatTheScopeRefersTo()
    {
        var scenario = new Scenario();
        scenario.Write(Object(Flavor, "small", "f"), Object(Flavor, "large", "g"));
        scenario.Write(Object(App, "web", "a", null, (Flavor, "small")), Object(App, "db", "d", null, (Flavor, "large")));
        scenario.Write(Object(Inst, "b1", "1", "berlin", (App, "web")), Object(Inst, "p2", "3", "paris", (App, "db")));
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);
        link.DownHeld = true;
        leaf.SetInterest(interest => interest.WithSite("paris"));
        scenario.Tree.Settle();
        link.Cut(scenario.Tree.NowMs);

        scenario.Connect(leaf);

        Holds(leaf, "App/db=d", "App/web=a", "Flavor/large=g", "Flavor/small=f", "Inst/b1=1", "Inst/p2=3");
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G6_Interest_NarrowedAndAnswered_IsNotSettledAgainAtReconnect()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin").WithSite("paris"));
        var first = scenario.Connect(leaf);
        leaf.SetInterest(interest => interest.Without(Inst, Selector.In(InSite("paris"))));
        scenario.Tree.Settle();
        first.Cut(scenario.Tree.NowMs);

        var second = scenario.Connect(leaf);

        Assert.Empty(Sent(second, isDown: true));
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G6_Interest_ChangedAfterTheHandshakeBrokeOff_IsSettledAtOnce()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin").WithSite("paris"));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        var link = scenario.Tree.Connect(leaf, scenario.Hub);
        leaf.SetInterest(interest => interest.Without(Inst, Selector.In(InSite("paris"))));
        link.Cut(scenario.Tree.NowMs);
        scenario.Tree.Settle();

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x");
    }

    [Fact]
    public void G7_Reference_ThatTheTypeIsSaidToHaveOnlyLater_IsFollowedFromThenOn()
    {
        var tree = new SimulatedTree();
        TypeDeclaration[] before = [All[0], All[1] with { RefersTo = [] }, .. All.Skip(2)];
        var hub = tree.Add(new SimulatedNode("hub", "p1", tree.NowMs, before, isHub: true));
        hub.Mirror.LoadStore(s_store, 3, [
            Object(Flavor, "small", "f") with { Revision = 1 },
            Object(App, "web", "a", null, (Flavor, "small")) with { Revision = 2 },
            Object(Inst, "b1", "x", "berlin", (App, "web")) with { Revision = 3 }]);
        var leaf = tree.Add(new SimulatedNode("leaf", "p2", tree.NowMs, All, isHub: false));
        leaf.SetInterest(none => none.WithSite("berlin"));
        tree.Connect(leaf, hub);
        tree.Settle();
        Holds(leaf, "App/web=a", "Inst/b1=x");

        hub.Mirror.Types.Declare(All[1]);
        hub.Mirror.ApplyStoreCommit(4, [Object(Inst, "p1", "y", "paris") with { Revision = 4 }], []);
        tree.Pass(6000);

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x");
    }

    [Fact]
    public void G1_InterestInATypeThatNobodyDeclaredYet_IsServedOnceItTurnsOutToBeDynamic()
    {
        var tree = new SimulatedTree();
        var scenario = new Scenario();
        var hub = tree.Add(new SimulatedNode("bare", "p1", tree.NowMs, [], isHub: true));
        hub.Hub!.Tick(tree.NowMs);
        hub.Mirror.LoadStore(s_store, 1, []);
        var asker = new RawPeer(scenario, "asker", hub).Open(hello =>
        {
            hello.Types_.Clear();
            hello.Interest.Add(new InterestItem { Number = 1, Type = Alarm, Selector = new() { All = true } });
        });

        var owner = tree.Add(new SimulatedNode("owner", "p2", tree.NowMs, All, isHub: false));
        owner.Mirror.Publish([Object(Alarm, "fire", "!")], []);
        tree.Connect(owner, hub);
        tree.Settle();
        asker.Pump();

        var changes = asker.Received.Where(frame => frame.BundleChanges is not null).Select(frame => frame.BundleChanges).ToArray();
        Assert.Equal([(SpaceKind.Dynamic, "!")], changes.SelectMany(frame => frame.Changes.Select(change => (frame.Space, change.Value.ToStringUtf8()))));
        Assert.Contains(asker.Received, frame => frame.BundleEnd is { Space: SpaceKind.Dynamic } end
            && end.Items.Any(item => item is { Number: 1, Completeness: Protocol.Completeness.Complete }));
    }

    private static (SimulatedTree Tree, SimulatedNode Hub) Start()
    {
        var tree = new SimulatedTree();
        return (tree, tree.Add(new SimulatedNode("hub", "p1", tree.NowMs, s_types, isHub: true)));
    }
}
