using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using static Notify.Core.Tests.LimitedWorld;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>Bad input hurts only its sender: the session ends with a status that says why, and nothing of it is left.</summary>
public sealed class G11Tests
{
    /// <summary>What an open session may do wrong, by name.</summary>
    private static readonly Dictionary<string, Action<RawPeer>> s_mistakes = new()
    {
        ["garbage"] = peer => peer.SendBytes([0xFF, 0xFF, 0xFF, 0x01]),
        ["a gap in frame numbers"] = peer => peer.Send(new Frame { Heartbeat = new Heartbeat() }, skip: 1),
        ["a repeated frame number"] = peer => peer.Send(new Frame { Heartbeat = new Heartbeat() }, skip: -1),
        ["a frame beyond the limit"] = peer => peer.Send(new Frame { Goodbye = new Goodbye { Reason = new string('x', 300_000) } }),
        ["a second hello"] = peer => peer.Send(new Frame { Hello = peer.Hello() }),
        ["a bundle of stored objects"] = peer => peer.Begin(kind: SpaceKind.Stored),
        ["a bundle of no space"] = peer => peer.Begin(kind: SpaceKind.Unspecified),
        ["a bundle without an incarnation"] = peer => peer.Send(new Frame
        {
            BundleBegin = new BundleBegin { Space = new Protocol.Space { Kind = SpaceKind.Dynamic, Id = "x" } },
        }),
        ["a bundle in a bundle"] = peer =>
        {
            peer.Begin();
            peer.Begin();
        },
        ["changes without a bundle"] = peer => peer.Changes(peer.Change(Alarm, "a")),
        ["an end of another revision"] = peer =>
        {
            peer.Begin();
            peer.End(revision: 7);
        },
        ["a stored type"] = peer => InBundle(peer, peer.Change(Inst, "i")),
        ["a key that is not canonical"] = peer => InBundle(peer, peer.Change(Alarm, "a", change => change.Key = ByteString.CopyFrom(0x0A, 0x00))),
        ["a key with an unknown field"] = peer => InBundle(
            peer, peer.Change(Alarm, "a", change => change.Key = ByteString.CopyFrom([.. Key("a"), 0x10, 0x01]))),
        ["a type that was not declared"] = peer => InBundle(peer, peer.Change(Alarm, "a", change => change.Type = 99)),
        ["a reference to a type that was not declared"] = peer => InBundle(
            peer, peer.Change(Alarm, "a", change => change.References.Add(new Reference { Type = 99 }))),
        ["an object beyond the limit"] = peer => InBundle(
            peer, peer.Change(Alarm, "a", change => change.Value = ByteString.CopyFrom(new byte[2000]))),
        ["more changes than announced"] = peer =>
        {
            peer.Begin(changes: 1);
            peer.Changes(peer.Change(Alarm, "a"), peer.Change(Alarm, "b"));
        },
        ["a version without a stamp"] = peer => InBundle(peer, peer.Change(Alarm, "a", change => change.Stamp = null)),
        ["a version with another node's stamp"] = peer => InBundle(peer, peer.Change(Alarm, "a", change => change.Stamp.Node = "bystander")),
        ["a scope on a type that has none"] = peer => InBundle(peer, peer.Change(Alarm, "a", change => change.Scopes.Add(Key("berlin")))),
        ["a conflicting type"] = peer => peer.Send(RawPeer.Declare(Alarm, Protocol.TypeKind.Stored)),
        ["a type without a number"] = peer =>
        {
            var frame = RawPeer.Declare("t.New", Protocol.TypeKind.Dynamic);
            frame.Declare.Types_[0].Number = 0;
            peer.Send(frame);
        },
        ["an interest change out of order"] = peer => peer.Send(new Frame { InterestChange = new InterestChange { Number = 2 } }),
        ["an interest item used twice"] = peer =>
        {
            peer.Send(RawPeer.Interested(1, 5));
            peer.Send(RawPeer.Interested(2, 5));
        },
        ["an interest item twice in one change"] = peer => peer.Send(RawPeer.Interested(1, 5, 5)),
        ["more interest than the limit"] = peer => peer.Send(RawPeer.Interested(1, [.. Enumerable.Range(1, 200).Select(number => (uint)number)])),
    };

    [Theory]
    [InlineData("garbage", GrpcStatusCode.InvalidArgument, "no link protocol message")]
    [InlineData("a gap in frame numbers", GrpcStatusCode.InvalidArgument, "was expected")]
    [InlineData("a repeated frame number", GrpcStatusCode.InvalidArgument, "was expected")]
    [InlineData("a frame beyond the limit", GrpcStatusCode.ResourceExhausted, "at most 200000")]
    [InlineData("a second hello", GrpcStatusCode.InvalidArgument, "handshake is over")]
    [InlineData("a bundle of stored objects", GrpcStatusCode.InvalidArgument, "write them at a controller")]
    [InlineData("a bundle of no space", GrpcStatusCode.InvalidArgument, "There is no space 0")]
    [InlineData("a bundle without an incarnation", GrpcStatusCode.InvalidArgument, "without its space")]
    [InlineData("a bundle in a bundle", GrpcStatusCode.InvalidArgument, "before the one before it ended")]
    [InlineData("changes without a bundle", GrpcStatusCode.InvalidArgument, "No bundle")]
    [InlineData("an end of another revision", GrpcStatusCode.InvalidArgument, "ended for 7")]
    [InlineData("a stored type", GrpcStatusCode.InvalidArgument, "t.Inst is stored")]
    [InlineData("a key that is not canonical", GrpcStatusCode.InvalidArgument, "canonical form: 0A00")]
    [InlineData("a key with an unknown field", GrpcStatusCode.InvalidArgument, "canonical form")]
    [InlineData("a type that was not declared", GrpcStatusCode.InvalidArgument, "99 was not declared")]
    [InlineData("a reference to a type that was not declared", GrpcStatusCode.InvalidArgument, "99 was not declared")]
    [InlineData("an object beyond the limit", GrpcStatusCode.ResourceExhausted, "at most 1000")]
    [InlineData("more changes than announced", GrpcStatusCode.InvalidArgument, "announced 1 changes")]
    [InlineData("a version without a stamp", GrpcStatusCode.InvalidArgument, "no stamp")]
    [InlineData("a version with another node's stamp", GrpcStatusCode.InvalidArgument, "sends objects of its own only")]
    [InlineData("a scope on a type that has none", GrpcStatusCode.InvalidArgument, "has a scope")]
    [InlineData("a conflicting type", GrpcStatusCode.FailedPrecondition, "t.Alarm")]
    [InlineData("a type without a number", GrpcStatusCode.InvalidArgument, "lacks its number")]
    [InlineData("an interest change out of order", GrpcStatusCode.InvalidArgument, "Interest change 1 was expected")]
    [InlineData("an interest item used twice", GrpcStatusCode.InvalidArgument, "Interest item 5 came twice")]
    [InlineData("an interest item twice in one change", GrpcStatusCode.InvalidArgument, "Interest item 5 came twice")]
    [InlineData("more interest than the limit", GrpcStatusCode.ResourceExhausted, "interest items")]
    public void G11_OpenSession_ThatSends_EndsWithTheReasonAndLeavesNothing(string mistake, GrpcStatusCode code, string reason)
    {
        var scenario = Limited();
        var bystander = Bystander(scenario);
        var wakes = scenario.Hub.Mirror.WakeCount;
        var peer = new RawPeer(scenario).Open(hello => hello.Interest.Add(WireTypes.ToWire(900, Inst, Selector.In(InSite("berlin")))));
        InBundle(peer, peer.Change(Status, "s"));
        peer.End();
        Holds(scenario.Hub, "Flavor/f=1", "Status/s=value");

        s_mistakes[mistake](peer);

        Assert.Equal((code, true), (peer.Session.End?.Code, peer.Session.End!.Reason.Contains(reason, StringComparison.Ordinal)));
        Assert.Equal(1, scenario.Hub.Hub!.SessionCount);
        Assert.Equal(1, scenario.Hub.Hub.CarrierCount);
        Assert.Equal(wakes, scenario.Hub.Mirror.WakeCount);
        Assert.Equal(0, scenario.Hub.Mirror.HandledWakeCount);
        IsUnaffected(scenario, bystander);
    }

    [Fact]
    public void G11_UnknownFrameKindsAndFields_AreIgnored()
    {
        var scenario = Limited();
        var peer = new RawPeer(scenario).Open();

        // Frame 2 with field 29 (no kind that this version knows) and nothing else.
        peer.SendBytes([0x08, 0x02, 0xEA, 0x01, 0x00]);

        Assert.Null(peer.Session.End);
    }

    [Fact]
    public void G11_ServerThatSendsGarbage_CostsTheClientItsSessionOnly()
    {
        var scenario = Limited();
        var leaf = scenario.Leaf("leaf", none => none.With(Flavor, Selector.All));
        var link = scenario.Connect(leaf);

        link.Client.Receive([0xFF, 0xFF], scenario.Tree.NowMs);
        scenario.Tree.Settle();

        Assert.Equal(GrpcStatusCode.InvalidArgument, link.Client.End!.Code);
        Holds(leaf, "Flavor/f=1");
        scenario.Write(Object(Flavor, "f", "2"));
        scenario.Connect(leaf);
        Holds(leaf, "Flavor/f=2");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void G11_FramesWithFlippedBits_NeverDoMoreThanEndTheirSession(int seed)
    {
        var random = new Random(seed);
        var scenario = Limited();
        var bystander = Bystander(scenario);
        for (var round = 0; round < 300; round++)
        {
            var peer = new RawPeer(scenario, $"raw{round % 7}");
            var frames = new List<Frame>
            {
                new() { Hello = peer.Hello(hello => hello.Attachment = round + 1) },
                new() { BundleBegin = new BundleBegin { Space = new Protocol.Space { Kind = SpaceKind.Dynamic, Id = "x", Incarnation = "1" }, Revision = 1, Changes = 9 } },
                new() { BundleChanges = new BundleChanges { Space = SpaceKind.Dynamic, Changes = { peer.Change(Alarm, "a"), peer.Change(Status, "s") } } },
                new() { BundleEnd = new BundleEnd { Space = SpaceKind.Dynamic, Revision = 1 } },
                RawPeer.Interested(1, 1, 2),
                new() { Message = TestMessages.Create("x", "y", InSite("berlin")) },
            };
            for (var i = 0; i < frames.Count; i++)
            {
                frames[i].Number = (ulong)i + 1;
                var bytes = frames[i].ToByteArray();
                for (var flips = random.Next(3); flips > 0; flips--)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                peer.SendBytes(bytes);
            }

            peer.Session.Disconnected(new SessionEnd(GrpcStatusCode.Unavailable, "over"), scenario.Tree.NowMs);
        }

        Assert.Equal(1, scenario.Hub.Hub!.SessionCount);
        Assert.Equal(0, scenario.Hub.Mirror.Snapshot().Count(Alarm));
        IsUnaffected(scenario, bystander);
    }

    private static void InBundle(RawPeer peer, Change change)
    {
        peer.Begin();
        peer.Changes(change);
    }
}
