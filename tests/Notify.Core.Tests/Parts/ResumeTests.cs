using Notify.Core.Journal;
using Notify.Core.Protocol;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests.Parts;

/// <summary>Going on from a revision: what was remembered is not sent again, and what was forgotten is sent whole, and that alone.</summary>
public sealed class ResumeTests
{
    [Fact]
    public void Reconnect_SendsWhatChanged_WhereTheLanesRemember()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin").With(App, Selector.Of(Key("web"))));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        scenario.Write(Object(Inst, "b2", "y", "berlin", (App, "web")));
        scenario.Write(Object(Inst, "p2", "y", "paris", (App, "web")));

        var link = scenario.Connect(leaf);

        Assert.Equal(["b2"], Sent(link, isDown: true));
        Assert.Empty(Whole(link));
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void Reconnect_WithoutAnyChange_SendsNoObject_AndSaysWhatIsComplete()
    {
        var scenario = new Scenario().WithSmallWorld();
        scenario.Hub.Mirror.Publish([Object(Status, "s", "of the hub", "paris")], []);
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin").With(Status, Selector.All));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);

        var link = scenario.Connect(leaf);

        Assert.Empty(Sent(link, isDown: true));
        Assert.Empty(Whole(link));
        Assert.True(leaf.Mirror.IsSynced);
        Assert.Equal(2, leaf.Mirror.Counters.FullSyncs); // The first one of each space.
    }

    [Fact]
    public void Reconnect_SendsWholeOnly_TheScopeWhoseMarkersAreForgotten()
    {
        var scenario = new Scenario(journal: new JournalLimits { ScopeMarkersMax = 1 }).WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.In(InSite("berlin"))).With(Inst, Selector.In(InSite("paris"))));
        scenario.Write(Object(Inst, "p2", "y", "paris"), Object(Inst, "p3", "y", "paris"), Object(Inst, "b2", "y", "berlin"));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        scenario.Delete(Id(Inst, "p2"), Id(Inst, "p3"));

        var link = scenario.Connect(leaf);

        Assert.Equal(["p1"], Sent(link, isDown: true).Where(sent => sent[0] != '-'));
        var paris = leaf.Mirror.Upstream.Entries.Values.Single(entry => entry.Selector == Selector.In(InSite("paris")));
        Assert.Equal([paris.Number], Whole(link));
        Holds(leaf, "Inst/b1=x", "Inst/b2=y", "Inst/p1=y");
    }

    [Fact]
    public void Reconnect_ToTheRestartedHub_SendsDynamicTypesWhole_AndStoredOnesNot()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All).With(Status, Selector.All));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        var restarted = scenario.AddHub("hub");
        scenario.CatchUp(restarted, upTo: 2);
        scenario.CatchUp(restarted);

        var link = scenario.Connect(leaf, restarted);

        Assert.Empty(Sent(link, isDown: true));
        Assert.Equal(
            [leaf.Mirror.Upstream.OfType(Status).Single().Number], link.Log.Where(entry => entry.IsDown).SelectMany(entry => entry.Frame.BundleBegin?.Whole ?? []));
    }

    [Fact]
    public void Reconnect_FromBelowWhatTheHubRemembers_IsSentWhole()
    {
        var scenario = new Scenario().WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        scenario.Delete(Id(Inst, "p1"));
        var late = scenario.AddHub("late");
        scenario.CatchUp(late);

        // What this hub loaded has no trace of p1.
        var link = scenario.Connect(leaf, late);

        Assert.Equal(leaf.Mirror.Upstream.Entries.Keys, Whole(link));
        Holds(leaf, "Inst/b1=x");
    }

    [Fact]
    public void StoredChangesAfter_ARevision_NamesWhatChangedAndWent_OrSaysThatItForgot()
    {
        var scenario = new Scenario(journal: new JournalLimits { TombstonesMax = 1 }).WithSmallWorld();
        var mirror = scenario.Hub.Mirror;
        scenario.Delete(Id(Inst, "p1"));
        Assert.Equal([Id(Inst, "b1"), Id(Inst, "p1")], mirror.StoredChangesAfter(2)!.Value.Changed.Order());
        Assert.Empty(mirror.StoredChangesAfter(5)!.Value.Changed);
        Assert.Equal(5, mirror.StoredChangesAfter(5)!.Value.Now.StoredRevision);

        scenario.Delete(Id(Inst, "b1"));

        Assert.Equal(5, mirror.StoredFloor);
        Assert.Null(mirror.StoredChangesAfter(4));
        Assert.Equal([Id(Inst, "b1")], mirror.StoredChangesAfter(5)!.Value.Changed);
    }

    private static IEnumerable<uint> Whole(SimulatedLink link) => link.Log
        .Where(entry => entry is { IsDown: true, Frame.BundleBegin.Space.Kind: SpaceKind.Stored })
        .SelectMany(entry => entry.Frame.BundleBegin.Whole);
}
