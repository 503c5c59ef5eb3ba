using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>How earlier systems failed at sessions and reconnecting; see FAILURES.md here for the others.</summary>
public sealed class Failures_SessionsTests
{
    [Theory]
    [InlineData(new uint[] { 1 }, 1)]
    [InlineData(new uint[] { 1, 2 }, 2)]
    [InlineData(new uint[] { 3, 2, 1 }, 2)]
    [InlineData(new uint[] { 2, 9 }, 2)]
    public void Versions_OfTwoNodes_TheHighestCommonOneWins(uint[] offered, uint expected)
    {
        var scenario = new Scenario();
        scenario.Hub.Settings = new SessionSettings { Process = "hub", Role = "controller", OfferedVersions = [1, 2] };

        var peer = new RawPeer(scenario).Open(hello =>
        {
            hello.Versions.Clear();
            hello.Versions.Add(offered);
        });

        Assert.Equal(expected, peer.Received[0].Welcome.Version);
    }

    [Fact]
    public void Server_ThatGoesOnWithAVersionThatWasNotOffered_IsLeft()
    {
        var scenario = new Scenario();
        var leaf = scenario.Leaf("leaf");
        var client = new ClientSession(leaf.Mirror, leaf.Settings, leaf.Router, static () => { }, scenario.Tree.NowMs);

        client.Receive(new Frame { Number = 1, Welcome = new Welcome { Version = 7, Node = "hub", Process = "p" } }.ToByteArray(), scenario.Tree.NowMs);

        Assert.Equal(GrpcStatusCode.InvalidArgument, client.End!.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void G4_HalfOpenConnection_IsNoticedAfterTheSilence_AtTheEndThatHearsNothing(bool downIsSilent)
    {
        var scenario = new Scenario(new SessionLimits { SilenceMs = 2000, HeartbeatMs = 500 }).WithSmallWorld();
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);
        scenario.Tree.Pass(10_000);
        Assert.Equal((null, null), (link.Client.End, link.Server.End));

        (link.DownHeld, link.UpHeld) = (downIsSilent, !downIsSilent);
        scenario.Tree.Pass(2500);

        LinkSession deaf = downIsSilent ? link.Client : link.Server;
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, deaf.End!.Code);
        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x");
    }

    [Fact]
    public void G5_OldSession_WhenItEndsLate_LeavesTheNewOneItsName()
    {
        var scenario = new Scenario();
        var leaf = scenario.Leaf("leaf");
        var received = new List<string>();
        leaf.Router.Handle(TestMessages.Text, message => received.Add(TestMessages.Read(message)));
        var old = scenario.Connect(leaf);
        old.UpHeld = true;
        old.CutBelow(scenario.Tree.NowMs);
        scenario.Connect(leaf);

        old.CutAbove(scenario.Tree.NowMs);
        scenario.Tree.Settle();

        Assert.True(scenario.Hub.Router.Send(Messages.MessageTarget.ToNode("leaf"), TestMessages.Of("hello")));
        scenario.Tree.Settle();
        Assert.Equal(["hello"], received);
        Assert.Equal((1, 1), (scenario.Hub.Hub!.SessionCount, scenario.Hub.Hub.CarrierCount));
    }

    [Fact]
    public void Sessions_BeyondTheLimit_AreTurnedAwayAsUnavailable_SoThatTheyTryTheNextAddress()
    {
        var scenario = new Scenario(hub: new HubOptions { SettleMs = 0, SessionsMax = 1 });
        scenario.Connect(scenario.Leaf("first"));

        var refused = scenario.Connect(scenario.Leaf("second"));

        Assert.Equal(GrpcStatusCode.Unavailable, refused.Client.End!.Code);
        Assert.Contains("1 sessions", refused.Client.End.Reason, StringComparison.Ordinal);
        var policy = new UpstreamPolicy("second", ["a:1", "b:1"], new UpstreamPolicyOptions(), () => 0.5);
        var first = policy.Address;
        Assert.Equal(0, policy.Ended(refused.Client.End, openMs: null, retryAfterMs: null));
        Assert.NotEqual(first, policy.Address);

        // Who has the place may come back to it at any time.
        scenario.Tree.Links[0].Cut(scenario.Tree.NowMs);
        Assert.Null(scenario.Connect(scenario.Leaf("first")).Client.End);
    }

    [Fact]
    public void G8_ReconnectStorm_LeavesNothingOfTheNodesThatLeft()
    {
        var scenario = new Scenario(
            new SessionLimits { SilenceMs = 2000, HeartbeatMs = 500 },
            new HubOptions { SettleMs = 0, AbsentNodesMax = 10 },
            new() { TombstonesMax = 10, ScopeMarkersMax = 10 }).WithSmallWorld();
        for (var i = 0; i < 600; i++)
        {
            var leaf = scenario.Leaf($"leaf{i % 200}", none => none.WithSite(i % 2 == 0 ? "berlin" : "paris").With(Status, Selector.In(InSite("berlin"))), $"process{i % 200}");
            leaf.Mirror.Publish([Object(Status, $"s{i}", "x", "berlin"), Object(Alarm, $"a{i}", "x")], []);
            var link = scenario.Tree.Connect(leaf, scenario.Hub);
            switch (i % 5)
            {
                case 0:
                    break; // Cut before the handshake.
                case 1:
                    link.Step(scenario.Tree.NowMs);
                    link.Step(scenario.Tree.NowMs);
                    break;
                default:
                    scenario.Tree.Settle();
                    break;
            }

            if (i % 7 == 0)
            {
                link.CutBelow(scenario.Tree.NowMs); // The hub hears of it when nothing comes any more.
            }
            else
            {
                link.Cut(scenario.Tree.NowMs);
            }

            scenario.Tree.Kill(leaf);
        }

        scenario.Tree.Pass(3000);
        scenario.Tree.Pass(100);

        var (mirror, hub) = (scenario.Hub.Mirror, scenario.Hub.Hub!);
        Assert.Equal((0, 0, 0), (hub.SessionCount, hub.CarrierCount, mirror.WakeCount));
        Assert.Equal((0, 0), (mirror.Snapshot().Count(Status), mirror.Snapshot().Count(Alarm)));
        Assert.True(mirror.DynamicJournal.RecordCount <= 20, $"{mirror.DynamicJournal.RecordCount} keys are remembered.");
        Assert.True(mirror.DynamicJournal.LaneCount <= 1);
        Assert.True(hub.NodeCount <= 10, $"{hub.NodeCount} nodes are remembered.");
    }

    [Fact]
    public void G8_EndOfASession_CostsWhatItCarried_HoweverMuchTheHubHolds()
    {
        long Cost(int others)
        {
            var scenario = new Scenario();
            var rest = scenario.Leaf("rest");
            rest.Mirror.Publish([.. Enumerable.Range(0, others).Select(i => Object(Alarm, $"r{i:00000}", "x"))], []);
            scenario.Connect(rest);
            var leaf = scenario.Leaf("leaf");
            leaf.Mirror.Publish([Object(Alarm, "a", "1"), Object(Alarm, "b", "2")], []);
            var link = scenario.Connect(leaf);
            var before = GC.GetAllocatedBytesForCurrentThread();
            link.CutAbove(scenario.Tree.NowMs);
            var cost = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(others, scenario.Hub.Mirror.Snapshot().Count(Alarm));
            return cost;
        }

        Cost(10);
        var (few, many) = (Cost(100), Cost(20_000));

        Assert.True(many < few + 20_000, $"{few} bytes where the hub holds 100 objects, {many} where it holds 20000.");
    }

    [Fact]
    public void G8_FirstSync_OfAWholeType_CopiesNoKeys()
    {
        var scenario = new Scenario();
        scenario.Write([.. Enumerable.Range(0, 20_000).Select(i => Object(Inst, $"i{i:00000}", "x", "berlin"))]);
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        var link = scenario.Tree.Connect(leaf, scenario.Hub);
        while (!link.Server.IsOpen)
        {
            link.Step(scenario.Tree.NowMs);
        }

        var (bytes, isBegun) = (0L, false);
        while (!isBegun)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(link.Server.TryWrite(scenario.Tree.NowMs, out var frame));
            bytes += GC.GetAllocatedBytesForCurrentThread() - before;
            isBegun = Frame.Parser.ParseFrom(frame.Span).BundleBegin is { Space.Kind: SpaceKind.Stored };
        }

        Assert.True(bytes < 100_000, $"{bytes} bytes to begin a sync of 20000 objects.");
    }

    [Fact]
    public void G8_Update_WakesOnlyTheSessionsItConcerns()
    {
        var scenario = new Scenario();
        scenario.Write(Object(Inst, "i0", "x", "site0"));
        var journal = scenario.Hub.Mirror.StoredJournal;
        var woken = new List<int>();
        lock (scenario.Hub.Mirror.Gate)
        {
            for (var i = 0; i < 1000; i++)
            {
                var site = i;
                scenario.Hub.Mirror.WakeOnChange(journal, main: false, [InSite($"site{site}")], () => woken.Add(site));
            }
        }

        scenario.Write(Object(Inst, "i7", "x", "site7"));
        Assert.Equal([7], woken);
        woken.Clear();

        scenario.Write(Object(Inst, "i7", "x", "site8"), Object(Inst, "i0", "x", "site0"));
        // That of site 7 was spent; who has nothing left to send asks for the next.
        Assert.Equal([0, 8], woken.Order());
    }
}
