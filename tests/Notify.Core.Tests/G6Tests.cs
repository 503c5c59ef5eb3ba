using Notify.Core.Sync;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Only what is wanted: what leaves a node's interest leaves its mirror, and a wider interest brings the difference.</summary>
public sealed class G6Tests
{
    private static Scenario TwoSites()
    {
        var scenario = new Scenario();
        scenario.Write(Object(Flavor, "small", "f"), Object(Flavor, "large", "g"));
        scenario.Write(Object(App, "web", "a", null, (Flavor, "small")), Object(App, "db", "d", null, (Flavor, "large")));
        scenario.Write(Object(Inst, "b1", "1", "berlin", (App, "web")));
        scenario.Write(Object(Inst, "p1", "2", "paris", (App, "web")), Object(Inst, "p2", "3", "paris", (App, "db")));
        return scenario;
    }

    [Fact]
    public void G6_Object_ThatMovesToAnotherScope_LeavesAndArrives()
    {
        var scenario = TwoSites();
        var berlin = scenario.Leaf("berlin", none => none.WithSite("berlin"));
        var paris = scenario.Leaf("paris", none => none.WithSite("paris"));
        scenario.Connect(berlin);
        scenario.Connect(paris);
        var (left, arrived) = (new Recorder(berlin), new Recorder(paris));

        scenario.Write(Object(Inst, "b1", "moved", "paris", (App, "web")));

        Assert.Equal(["-Inst/b1", "-App/web", "-Flavor/small"], left.Events);
        Assert.Equal(["+Inst/b1=moved"], arrived.Events);
        Holds(berlin);
    }

    [Fact]
    public void G6_Object_ThatMovesBetweenTwoScopesOfOneNode_ChangesOnly()
    {
        var scenario = TwoSites();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin").WithSite("paris"));
        scenario.Connect(leaf);
        var recorder = new Recorder(leaf);

        scenario.Write(Object(Inst, "b1", "moved", "paris", (App, "web")));

        Assert.Equal(["~Inst/b1=moved"], recorder.Events);
    }

    [Fact]
    public void G6_Object_ThatMovesWhileAway_LeavesAtReconnect()
    {
        var scenario = TwoSites();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        scenario.Write(Object(Inst, "b1", "moved", "paris", (App, "web")));

        var link = scenario.Connect(leaf);

        Holds(leaf);
        Assert.Equal(["-b1 (Left)", "-web (Left)", "-small (Left)"], Sent(link, isDown: true));
    }

    [Fact]
    public void G6_LastReference_WhenItGoes_TakesItsTargetAlong()
    {
        var scenario = TwoSites();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("paris"));
        scenario.Connect(leaf);
        Holds(leaf, "App/db=d", "App/web=a", "Flavor/large=g", "Flavor/small=f", "Inst/p1=2", "Inst/p2=3");

        scenario.Write(Object(Inst, "p2", "3", "paris", (App, "web")));

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/p1=2", "Inst/p2=3");
        scenario.Delete(Id(Inst, "p1"));
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/p2=3");
    }

    [Fact]
    public async Task G6_Interest_WhenExchanged_IsNotSyncedBeforeTheUpstreamHasAnswered()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.In(InSite("berlin"))));
        scenario.Connect(leaf);
        Assert.True(leaf.Mirror.IsSynced);

        leaf.SetInterest(_ => Interest.None.With(Inst, Selector.In(InSite("paris"))));
        var waiting = leaf.Mirror.WaitForSyncAsync(CancellationToken.None);

        Assert.False(leaf.Mirror.IsSynced);
        Assert.False(waiting.IsCompleted);
        scenario.Tree.Settle();
        Assert.True(leaf.Mirror.IsSynced);
        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void G6_Scope_TakenBackAsTheLinkBreaks_LeavesWhatIsReferredUnsyncedUntilTheUpstreamSays()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.In(InSite("berlin"))).With(App, Selector.Referred));
        var link = scenario.Connect(leaf);
        Assert.True(leaf.Mirror.IsSynced);

        link.DownHeld = true;
        leaf.SetInterest(_ => Interest.None.With(App, Selector.Referred));
        scenario.Tree.Settle();
        link.Cut(scenario.Tree.NowMs);

        // Nobody here knows what else referred to it.
        Holds(leaf, "App/web=a");
        Assert.False(leaf.Mirror.IsSynced);
        scenario.Connect(leaf);
        Holds(leaf);
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G6_Interest_WhenWidened_BringsExactlyTheDifference()
    {
        var scenario = TwoSites();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);
        var recorder = new Recorder(leaf);
        var from = link.Log.Count;

        leaf.SetInterest(interest => interest.WithSite("paris"));
        scenario.Tree.Settle();

        Assert.Null(link.Client.End);
        Assert.Equal(["+Flavor/large=g", "+App/db=d", "+Inst/p1=2", "+Inst/p2=3"], recorder.Events);
        Assert.Equal(["large", "db", "p1", "p2"], Sent(link, isDown: true, from));
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G6_Interest_WhenShrunk_TakesAwayExactlyTheDifference()
    {
        var scenario = TwoSites();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin").WithSite("paris"));
        var link = scenario.Connect(leaf);
        var recorder = new Recorder(leaf);
        var from = link.Log.Count;

        leaf.SetInterest(interest => interest.Without(Inst, Selector.In(InSite("paris"))));
        scenario.Tree.Settle();

        Assert.Null(link.Client.End);
        Assert.Equal(["-Inst/p2", "-Inst/p1", "-App/db", "-Flavor/large"], recorder.Events.OrderBy(text => text[1] switch { 'I' => 0, 'A' => 1, _ => 2 }).ThenByDescending(text => text, StringComparer.Ordinal));
        Assert.All(Sent(link, isDown: true, from), text => Assert.EndsWith("(LeftInterest)", text, StringComparison.Ordinal));
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=1");
        scenario.Write(Object(Inst, "p1", "unseen", "paris", (App, "web")));
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=1");
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G6_Interest_ThatIsTakenBackAtOnce_BringsNothingAndStaysAway()
    {
        var scenario = TwoSites();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);
        link.UpHeld = true;
        leaf.SetInterest(interest => interest.With(Inst, Selector.In(InSite("paris"))));
        scenario.Tree.Settle();
        leaf.SetInterest(interest => interest.Without(Inst, Selector.In(InSite("paris"))));
        scenario.Tree.Settle();
        link.UpHeld = false;
        scenario.Tree.Settle();

        scenario.Write(Object(Inst, "p1", "unseen", "paris", (App, "web")));

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=1");
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G6_Interest_InOneKey_BringsThatObjectOnly()
    {
        var scenario = TwoSites();
        var leaf = scenario.Leaf("leaf", none => none.With(App, Selector.Of(Key("db"))));
        scenario.Connect(leaf);

        Holds(leaf, "App/db=d");
        scenario.Delete(Id(App, "db"));
        Holds(leaf);
        scenario.Write(Object(App, "db", "back"));
        Holds(leaf, "App/db=back");
    }

    [Fact]
    public void G6_Interest_ShrunkWhileAway_TakesAwayAtOnceWhatNothingCovers()
    {
        var scenario = TwoSites();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin").WithSite("paris"));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);

        leaf.SetInterest(interest => interest.Without(Inst, Selector.In(InSite("paris"))));

        // What berlin refers to and what only paris did look alike from here; the next sync tells.
        Holds(leaf, "App/db=d", "App/web=a", "Flavor/large=g", "Flavor/small=f", "Inst/b1=1");
        scenario.Connect(leaf);
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=1");
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G6_Interest_WidenedWhileAway_IsSyncedAtReconnect()
    {
        var scenario = TwoSites();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        leaf.SetInterest(interest => interest.WithSite("paris"));
        var recorder = new Recorder(leaf);

        scenario.Connect(leaf);

        Assert.Equal(["+Flavor/large=g", "+App/db=d", "+Inst/p1=2", "+Inst/p2=3"], recorder.Events);
    }

    [Fact]
    public void G6_Interest_ExchangedDuringTheHandshake_EndsInTheNewOne()
    {
        var scenario = TwoSites();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Tree.Connect(leaf, scenario.Hub);
        leaf.SetInterest(_ => Interest.None.WithSite("paris"));

        scenario.Tree.Settle();

        Assert.Null(link.Client.End);
        Holds(leaf, "App/db=d", "App/web=a", "Flavor/large=g", "Flavor/small=f", "Inst/p1=2", "Inst/p2=3");
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G6_Object_OutsideTheInterest_IsNeverSent()
    {
        var scenario = TwoSites();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);

        scenario.Write(Object(Inst, "p9", "3", "paris", (App, "web")));
        scenario.Write(Object(App, "alone", "nobody refers to it"));
        scenario.Delete(Id(Inst, "p9"), Id(App, "alone"), Id(Inst, "p1"));

        Assert.Equal(["small", "web", "b1"], Sent(link, isDown: true));
    }

    [Fact]
    public void G6_DynamicObjects_AreFilteredByScopeToo()
    {
        var scenario = TwoSites();
        var owner = scenario.Leaf("owner");
        var leaf = scenario.Leaf("leaf", none => none.With(Status, Selector.In(InSite("berlin"))));
        owner.Mirror.Publish([Object(Status, "s1", "1", "berlin"), Object(Status, "s2", "2", "paris")], []);
        scenario.Connect(owner);
        scenario.Connect(leaf);
        Holds(leaf, "Status/s1=1");

        owner.Mirror.Publish([Object(Status, "s1", "moved", "paris"), Object(Status, "s2", "moved", "berlin")], []);
        scenario.Tree.Settle();

        Holds(leaf, "Status/s2=moved");
    }
}
