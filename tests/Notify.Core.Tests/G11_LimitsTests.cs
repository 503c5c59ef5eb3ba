using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using static Notify.Core.Tests.LimitedWorld;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>Senders of too much: what they may have here is bounded, and goes with their session.</summary>
public sealed class G11_LimitsTests
{
    [Fact]
    public void G11_Bundle_ThatNeverEnds_EndsTheSession()
    {
        var scenario = Limited();
        var bystander = Bystander(scenario);
        var peer = new RawPeer(scenario).Open();
        peer.Begin(changes: 1_000_000);
        for (var second = 0; second <= 60 && peer.Session.End is null; second++)
        {
            peer.Changes(peer.Change(Alarm, $"a{second}"));
            scenario.Tree.Pass(1000);
            peer.Tick();
        }

        Assert.Equal(GrpcStatusCode.ResourceExhausted, peer.Session.End!.Code);
        Assert.Equal(0, scenario.Hub.Mirror.Snapshot().Count(Alarm));
        IsUnaffected(scenario, bystander);
    }

    [Fact]
    public void G11_Bundle_LargerThanIsKeptAside_IsFlushedWithItsSession()
    {
        var scenario = Limited();
        var peer = new RawPeer(scenario).Open();
        peer.Begin();
        for (var i = 0; i < 60; i++)
        {
            peer.Changes(peer.Change(Alarm, $"a{i}", change => change.Value = ByteString.CopyFrom(new byte[900])));
        }

        Assert.True(scenario.Hub.Mirror.Snapshot().Count(Alarm) > 0);
        peer.SendBytes([0xFF]);

        Assert.Equal(0, scenario.Hub.Mirror.Snapshot().Count(Alarm));
        Assert.Equal(0, scenario.Hub.Hub!.CarrierCount);
    }

    [Fact]
    public void G11_TinyChanges_CountForTheMemoryTheyTake()
    {
        // Ten thousand changes of twenty bytes are little on the wire and two megabytes kept aside: they are applied as they come.
        var scenario = new Scenario(new SessionLimits { StagedBytesMax = 1024 * 1024 });
        var peer = new RawPeer(scenario).Open();
        peer.Begin(changes: 10_000);

        for (var i = 0; i < 10_000; i += 100)
        {
            peer.Changes([.. Enumerable.Range(i, 100).Select(n => peer.Change(Alarm, $"{n}"))]);
        }

        Assert.Null(peer.Session.End);
        Assert.InRange(scenario.Hub.Mirror.Snapshot().Count(Alarm), 4000, 9999);
        peer.End();
        Assert.Equal(10_000, scenario.Hub.Mirror.Snapshot().Count(Alarm));
    }

    [Fact]
    public void G11_MoreObjectsThanASessionMayCarry_EndTheSession()
    {
        var scenario = new Scenario(hub: new HubOptions { SettleMs = 0, CarriedMax = 3 });
        var peer = new RawPeer(scenario).Open();
        peer.Begin();
        peer.Changes(peer.Change(Alarm, "a"), peer.Change(Alarm, "b"), peer.Change(Alarm, "c"));
        peer.End();
        peer.Begin(revision: 2);
        peer.Changes(peer.Change(Alarm, "a"), peer.Change(Alarm, "b", change => change.Removed = RemovalReason.Deleted));
        peer.End(revision: 2);
        Assert.Null(peer.Session.End);

        peer.Begin(revision: 3);
        peer.Changes(peer.Change(Alarm, "d"), peer.Change(Alarm, "e"));
        peer.End(revision: 3);

        Assert.Equal(GrpcStatusCode.ResourceExhausted, peer.Session.End!.Code);
        Assert.Contains("more than 3 objects", peer.Session.End.Reason, StringComparison.Ordinal);
        Holds(scenario.Hub);
    }

    [Fact]
    public void G11_InterestChanges_ThatAreNeverRead_EndTheSession()
    {
        var scenario = Limited();
        var link = scenario.Tree.Connect(scenario.Leaf("leaf"), scenario.Hub);
        scenario.Tree.Settle();
        var number = (ulong)link.Log.Count(entry => !entry.IsDown);
        for (uint i = 1; i <= 3000 && link.Server.End is null; i++)
        {
            link.Server.Receive(new Frame { Number = ++number, InterestChange = new InterestChange { Number = i } }.ToByteArray(), scenario.Tree.NowMs);
        }

        Assert.Equal(GrpcStatusCode.ResourceExhausted, link.Server.End!.Code);
    }

    [Theory]
    [InlineData(false, 100)]
    [InlineData(true, 200)]
    public void G11_ItemsOfAnInterest_AreLimited_AndARelayMayHaveMoreForThoseBelowIt(bool isRelay, int most)
    {
        var scenario = Limited();
        var greedy = new RawPeer(scenario, "greedy");
        greedy.Send(new Frame { Hello = greedy.Hello(hello => Ask(hello, most + 1)) });
        Assert.Equal((GrpcStatusCode.ResourceExhausted, $"More than {most} interest items."), (greedy.Session.End!.Code, greedy.Session.End.Reason));

        var peer = new RawPeer(scenario).Open(hello => Ask(hello, most));
        Assert.Null(peer.Session.End);
        peer.Send(RawPeer.Interested(1, (uint)most + 1));
        Assert.Equal((GrpcStatusCode.ResourceExhausted, $"More than {most} interest items."), (peer.Session.End!.Code, peer.Session.End.Reason));

        void Ask(Hello hello, int items)
        {
            hello.Relay = isRelay;
            hello.Interest.Add(Enumerable.Range(1, items).Select(number => WireTypes.ToWire((uint)number, Inst, Selector.In(InSite($"{number}")))));
        }
    }

    [Fact]
    public void G11_RelayOfManyLeaves_AsksForMoreThanALeafMay_AndAllAreSynced()
    {
        var scenario = Limited();
        var relay = scenario.Relay("relay");
        var leaves = Enumerable.Range(0, 120).Select(i => scenario.Leaf($"leaf{i}", none => none.WithSite($"site{i}"))).ToList();
        leaves.ForEach(leaf => scenario.Connect(leaf, relay));

        var link = scenario.Connect(relay);

        Assert.InRange(relay.Mirror.Upstream.Wanted.Count, 101, 200);
        Assert.Null(link.Server.End);
        Assert.All(leaves, leaf => Assert.True(leaf.Mirror.IsSynced));
    }

    [Fact]
    public void G11_ObjectAboveTheLimit_IsRefusedWhereItIsPublished()
    {
        var scenario = Limited();
        var leaf = scenario.Leaf("leaf");
        var link = scenario.Connect(leaf);

        var refused = Assert.Throws<Types.InvalidObjectException>(
            () => leaf.Mirror.Publish([Object(Alarm, "a", "fine"), Object(Alarm, "b", new string('x', 1 << 20))], []));

        Assert.Contains("1048576", refused.Message, StringComparison.Ordinal);
        scenario.Tree.Settle();
        Assert.Null(link.Client.End);
        Holds(scenario.Hub, "Flavor/f=1");
    }
}
