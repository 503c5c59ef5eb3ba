using Notify.Core.Journal;
using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>
/// Epochs whose markers a hub has forgotten in part, met by changes of interest: what a node is told of them must not be that part.
/// </summary>
public sealed class G2_ForgottenMarkersTests
{
    private static readonly string[] s_alarms = ["a", "b", "c"];

    [Fact]
    public void G2_InterestTakenBackAndAskedForAgain_WhileAnEpochIsHalfForgotten_ShowsAllOfItOrNothing()
    {
        var (scenario, owner, leaf, link) = ThreeAlarms(settleMs: 0);
        TellOnly(scenario, leaf, link, interest => interest.Without(Alarm, Selector.All));
        owner.Mirror.Publish([], [.. s_alarms.Select(name => Id(Alarm, name))]);
        scenario.Tree.Settle();

        // The hub answers the first change while the node has told of the second.
        (link.UpHeld, link.DownHeld, link.WindowFrames) = (true, true, 8);
        leaf.SetInterest(interest => interest.With(Alarm, Selector.All));
        scenario.Tree.Settle();
        link.DownHeld = false;
        scenario.Tree.Settle();
        link.UpHeld = false;
        scenario.Tree.Settle();

        Assert.Null(link.Client.End);
        Holds(leaf);
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G2_InterestWidened_WhileAnEpochIsHalfForgotten_AndTheHubIsNotReady_ShowsAllOfItOrNothing()
    {
        var (scenario, owner, leaf, link) = ThreeAlarms(settleMs: 10_000);
        TellOnly(scenario, leaf, link, interest => interest.With(Note, Selector.All));
        owner.Mirror.Publish([], [.. s_alarms.Select(name => Id(Alarm, name))]);
        scenario.Tree.Settle();
        link.WindowFrames = 4;
        scenario.Tree.Settle();

        // Whoever owned them may yet come back to a hub that has just started, as far as it knows.
        Holds(leaf, "Alarm/a=1", "Alarm/b=1", "Alarm/c=1");
        scenario.Tree.Pass(11_000);
        Assert.Null(link.Client.End);
        Holds(leaf);
    }

    [Fact]
    public void G6_ItemSentWholeAgainAfterItWasTakenBack_StillProvesWhatIsGone()
    {
        var scenario = new Scenario(journal: new JournalLimits { TombstonesMax = 1 });
        scenario.Write(Object(Flavor, "f0", "0"), Object(Flavor, "f1", "1"), Object(Flavor, "f2", "2"));
        var leaf = scenario.Leaf("leaf", none => none.With(Flavor, Selector.All).With(Flavor, Selector.Referred));
        var link = scenario.Connect(leaf);
        Holds(leaf, "Flavor/f0=0", "Flavor/f1=1", "Flavor/f2=2");

        // The hub has not heard of the change yet when it sends the item whole.
        link.UpHeld = true;
        leaf.SetInterest(interest => interest.Without(Flavor, Selector.All));
        scenario.Tree.Settle();
        link.WindowFrames = 0;
        scenario.Delete(Id(Flavor, "f0"));
        scenario.Delete(Id(Flavor, "f1"));
        scenario.Delete(Id(Flavor, "f2"));
        link.WindowFrames = 4;
        scenario.Tree.Settle();
        link.UpHeld = false;
        scenario.Tree.Settle();

        Assert.Null(link.Client.End);
        Holds(leaf);
        Assert.True(leaf.Mirror.IsSynced);
    }

    private static (Scenario Scenario, SimulatedNode Owner, SimulatedNode Leaf, SimulatedLink Link) ThreeAlarms(int settleMs)
    {
        var scenario = new Scenario(hub: new HubOptions { SettleMs = settleMs }, journal: new JournalLimits { TombstonesMax = 2 });
        var owner = scenario.Leaf("owner");
        owner.Mirror.Publish([.. s_alarms.Select(name => Object(Alarm, name, "1"))], []);
        scenario.Connect(owner);
        var leaf = scenario.Leaf("leaf", none => none.With(Alarm, Selector.All));
        var link = scenario.Connect(leaf);
        Holds(leaf, "Alarm/a=1", "Alarm/b=1", "Alarm/c=1");
        scenario.Tree.Stepped = () => Assert.True(leaf.Mirror.Snapshot().Count(Alarm) is 0 or 3, "A part of an epoch shows.");
        return (scenario, owner, leaf, link);
    }

    /// <summary>The hub learns of a change of interest and cannot answer yet.</summary>
    private static void TellOnly(Scenario scenario, SimulatedNode leaf, SimulatedLink link, Func<Interest, Interest> change)
    {
        link.UpHeld = true;
        leaf.SetInterest(change);
        scenario.Tree.Settle();
        link.WindowFrames = 0;
        link.UpHeld = false;
        scenario.Tree.Settle();
    }
}
