using Notify.Core.Journal;
using Notify.Core.Sync;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Interest that changes where items overlap, and where the hub has forgotten the markers that would say what leaves.</summary>
public sealed class G6_OverlapAndForgottenMarkersTests
{
    private static readonly JournalLimits s_forgetful = new() { TombstonesMax = 0, ScopeMarkersMax = 0 };

    [Fact]
    public void G6_TypeWithdrawn_AfterADeleteThatIsForgotten_LeavesNothing()
    {
        var scenario = new Scenario(journal: s_forgetful).WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All).With(Flavor, Selector.All));
        var link = scenario.Connect(leaf);

        Together(scenario, link, leaf, interest => interest.Without(Inst, Selector.All), () => scenario.Delete(Id(Inst, "b1")));

        Holds(leaf, "Flavor/small=f");
    }

    [Fact]
    public void G6_ScopeWithdrawn_AfterAReferrerWasDeletedThatIsForgotten_TakesItsTargetAlong()
    {
        var scenario = new Scenario(journal: s_forgetful).WithSmallWorld();
        scenario.Write(Object(App, "db", "d"), Object(Inst, "p2", "z", "paris", (App, "db")));
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin").WithSite("paris"));
        var link = scenario.Connect(leaf);

        Together(
            scenario, link, leaf, interest => interest.Without(Inst, Selector.In(InSite("paris"))), () => scenario.Delete(Id(Inst, "p2"), Id(App, "db")));

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x");
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G6_ScopeOfTheOtherSpace_TakenBackAtOnce_BringsNothingByReference()
    {
        var scenario = new Scenario().WithSmallWorld();
        scenario.Write(Object(App, "db", "d"), Object(Inst, "r1", "z", "rome", (App, "db")));
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);
        link.UpHeld = true;
        leaf.SetInterest(interest => interest.With(Status, Selector.In(InSite("rome"))));
        scenario.Tree.Settle();
        leaf.SetInterest(interest => interest.Without(Status, Selector.In(InSite("rome"))));
        scenario.Tree.Settle();
        link.UpHeld = false;
        scenario.Tree.Settle();

        scenario.Write(Object(App, "db", "changed"));

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x");
    }

    [Fact]
    public void G6_ObjectOfAWholeType_DeletedWhileAwayAndForgotten_GoesThoughAnotherItemResumes()
    {
        var scenario = new Scenario(journal: new() { TombstonesMax = 0 }).WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin").With(App, Selector.All));
        var link = scenario.Connect(leaf);
        scenario.Write(Object(App, "alone", "z"));
        link.Cut(scenario.Tree.NowMs);
        scenario.Delete(Id(App, "alone"));

        link = scenario.Connect(leaf);

        // Nobody in berlin referred to it, so what is referred to goes on from where it was and says nothing of it.
        Assert.Single(link.Log.Where(entry => entry is { IsDown: true, Frame.BundleBegin: not null }).SelectMany(entry => entry.Frame.BundleBegin.Whole));
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x");
    }

    [Fact]
    public void G6_WholeTypeWithdrawn_WhatCameToBeReferredToMeanwhile_Stays()
    {
        var scenario = new Scenario().WithSmallWorld();
        scenario.Write(Object(App, "late", "z"));
        var leaf = scenario.Leaf("leaf", none => none.With(App, Selector.All));
        scenario.Connect(leaf);
        leaf.SetInterest(interest => interest.WithSite("berlin"));
        scenario.Tree.Settle();
        scenario.Write(Object(Inst, "b2", "y", "berlin", (App, "late")));

        // The new item for one key has the type compared; what only the withdrawn one had brought must be known to be of the other, too.
        leaf.SetInterest(interest => interest.Without(App, Selector.All).With(App, Selector.Of(Key("web"))));
        scenario.Tree.Settle();

        Holds(leaf, "App/late=z", "App/web=a", "Flavor/small=f", "Inst/b1=x", "Inst/b2=y");
    }

    [Fact]
    public void G6_ScopeExchanged_WhileTheOldOneCameToReferToTheSame_BringsIt()
    {
        var scenario = new Scenario().WithSmallWorld();
        scenario.Write(Object(App, "db", "d"), Object(Inst, "r1", "z", "rome", (App, "db")));
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);

        Together(
            scenario, link, leaf,
            interest => interest.Without(Inst, Selector.In(InSite("berlin"))).WithSite("rome"),
            () => scenario.Write(Object(Inst, "b1", "x", "berlin", (App, "db"))));

        Holds(leaf, "App/db=d", "Inst/r1=z");
    }

    /// <summary>Something happens at the hub, and the leaf's interest changes, with no bundle in between.</summary>
    private static void Together(Scenario scenario, SimulatedLink link, SimulatedNode leaf, Func<Interest, Interest> change, Action happen)
    {
        link.UpHeld = true;
        leaf.SetInterest(change);
        scenario.Tree.Settle();
        link.WindowFrames = 0;
        happen();
        link.UpHeld = false;
        scenario.Tree.Settle();
        link.WindowFrames = 4;
        scenario.Tree.Settle();
        Assert.Null(link.Client.End);
    }
}
