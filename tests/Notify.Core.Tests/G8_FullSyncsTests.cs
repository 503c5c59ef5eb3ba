using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Syncs from the beginning have a limit; what goes on from where it was has none.</summary>
public sealed class G8_FullSyncsTests
{
    private const int StallMs = 10_000;

    // Small frames, so that a peer that does not read is in the middle of its sync.
    private readonly Scenario _scenario = new(
        new SessionLimits { FrameBytesTarget = 32, StallMs = StallMs, SilenceMs = 600_000, HeartbeatMs = 5000 },
        new HubOptions { SettleMs = 0, FullSyncsMax = 1 });

    private readonly string[] _all = [.. Enumerable.Range(0, 20).Select(i => $"Inst/i{i}=x")];

    public G8_FullSyncsTests() => _scenario.Write([.. Enumerable.Range(0, 20).Select(i => Object(Inst, $"i{i}", "x", "berlin"))]);

    [Fact]
    public void Options_HaveTheirDefaults() => Assert.Equal((64, 5000), (new HubOptions().FullSyncsMax, new HubOptions().DrainMs));

    [Fact]
    public void G8_NodesAboveTheLimit_WaitInTheOrderInWhichTheyCame_AndAreTold()
    {
        var slow = Connect("slow", isHeld: true);
        var (second, third) = (Connect("second"), Connect("third"));

        Assert.Equal((0, 1, 2), (slow.Server.QueuedFor, second.Client.Queued, third.Client.Queued));
        Assert.Equal([0, 1, 2], _scenario.Hub.Hub!.View().Select(session => session.Queued));
        Holds(second.Below);
        Assert.False(second.Below.Mirror.IsSynced);

        third.DownHeld = true;
        slow.DownHeld = false;
        _scenario.Tree.Settle();
        Holds(slow.Below, _all);
        Holds(second.Below, _all);
        Assert.Equal((0, 0), (second.Client.Queued, third.Server.QueuedFor));
        third.DownHeld = false;
        _scenario.Tree.Settle();
        Holds(third.Below, _all);
    }

    [Fact]
    public void G8_NodeThatGoesOnFromWhereItWas_IsNeverHeldUp()
    {
        var known = Connect("known");
        known.Cut(_scenario.Tree.NowMs);
        _scenario.Write(Object(Inst, "i0", "y", "berlin"));
        Connect("slow", isHeld: true);

        _scenario.Connect(known.Below);

        Holds(known.Below, ["Inst/i0=y", .. _all[1..]]);
        Assert.True(known.Below.Mirror.IsSynced);
    }

    [Fact]
    public void G8_NodeThatAsksForMore_IsNotHeldUp()
    {
        var known = _scenario.Leaf("known", none => none.With(App, Selector.All));
        _scenario.Connect(known);
        Connect("slow", isHeld: true);

        known.SetInterest(Insts);
        _scenario.Tree.Settle();

        Holds(known, _all);
    }

    [Fact]
    public void G8_NodeThatEndsInItsTurn_LetsTheNextOneHaveIt()
    {
        var slow = Connect("slow", isHeld: true);
        var next = Connect("next");
        slow.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Settle();

        Holds(next.Below, _all);
    }

    [Fact]
    public void G8_NodeThatEndsWhileItWaits_IsPassedOver()
    {
        var slow = Connect("slow", isHeld: true);
        var (gone, next) = (Connect("gone"), Connect("next"));
        gone.Cut(_scenario.Tree.NowMs);
        slow.DownHeld = false;
        _scenario.Tree.Settle();

        Holds(next.Below, _all);
        Assert.Equal(0, next.Client.Queued);
    }

    [Fact]
    public void G8_NodeThatStallsInItsTurn_LetsTheNextOneHaveIt_AndWaitsAnew()
    {
        var slow = Connect("slow", isHeld: true);
        var next = Connect("next", isHeld: true);
        var last = Connect("last");
        next.DownHeld = false;
        _scenario.Tree.Pass(StallMs - 100);
        Holds(next.Below);
        _scenario.Tree.Pass(6000);

        Holds(next.Below, _all);
        Holds(last.Below, _all);
        slow.DownHeld = false;
        _scenario.Tree.Settle();
        Holds(slow.Below, _all);
    }

    [Fact]
    public void G8_NodeThatDoesNotEvenTakeItsTurn_LetsTheNextOneHaveIt()
    {
        var slow = Connect("slow", isHeld: true);
        var frozen = Connect("frozen");
        var next = Connect("next");
        frozen.WindowFrames = 0;
        slow.DownHeld = false;
        _scenario.Tree.Settle();
        Holds(slow.Below, _all);
        Holds(next.Below);

        _scenario.Tree.Pass(StallMs + 6000);
        Holds(next.Below, _all);
        frozen.WindowFrames = 4;
        _scenario.Tree.Pass(6000);
        Holds(frozen.Below, _all);
    }

    [Fact]
    public void G8_NodesThatStayAway_LeaveNothingInTheWay()
    {
        var slow = Connect("slow", isHeld: true);
        for (var i = 0; i < 200; i++)
        {
            Connect("flaky").Cut(_scenario.Tree.NowMs);
        }

        Assert.InRange(_scenario.Hub.Hub!.FullSyncs.Count, 0, 64);

        var next = Connect("next");
        slow.Cut(_scenario.Tree.NowMs);
        _scenario.Tree.Settle();

        Holds(next.Below, _all);
    }

    private static Interest Insts(Interest none) => none.With(Inst, Selector.All);

    private SimulatedLink Connect(string name, bool isHeld = false)
    {
        var link = _scenario.Tree.Connect(_scenario.Leaf(name, Insts), _scenario.Hub);
        _scenario.Tree.Stepped = () => link.DownHeld = isHeld && link.Client.IsOpen;
        _scenario.Tree.Settle();
        _scenario.Tree.Stepped = null;
        return link;
    }
}
