using Notify.Core.Protocol;
using Notify.Core.Transport;
using static Notify.Core.Tests.LimitedWorld;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Handshakes that say wrong things, or never end.</summary>
public sealed class G11_HandshakeTests
{
    [Theory]
    [InlineData("no common version", GrpcStatusCode.FailedPrecondition, "the client speaks 7, this node 1")]
    [InlineData("no name", GrpcStatusCode.InvalidArgument, "node name")]
    [InlineData("no process", GrpcStatusCode.InvalidArgument, "process")]
    [InlineData("no attachment", GrpcStatusCode.InvalidArgument, "attachment")]
    [InlineData("an attachment that none can follow", GrpcStatusCode.InvalidArgument, "attachment")]
    [InlineData("no space", GrpcStatusCode.InvalidArgument, "dynamic space")]
    [InlineData("a conflicting type", GrpcStatusCode.FailedPrecondition, "t.Alarm")]
    [InlineData("an item twice", GrpcStatusCode.InvalidArgument, "Interest item 3 came twice")]
    [InlineData("too small frames", GrpcStatusCode.FailedPrecondition, "takes frames of 10 bytes")]
    [InlineData("too much interest", GrpcStatusCode.ResourceExhausted, "interest items")]
    public void G11_Handshake_With_EndsWithTheReasonAndLeavesNothing(string mistake, GrpcStatusCode code, string reason)
    {
        var scenario = Limited();
        var bystander = Bystander(scenario);
        var wakes = scenario.Hub.Mirror.WakeCount;
        var peer = new RawPeer(scenario);

        peer.Send(new Frame
        {
            Hello = peer.Hello(hello =>
            {
                switch (mistake)
                {
                    case "no common version":
                        hello.Versions.Clear();
                        hello.Versions.Add(7);
                        break;
                    case "no name":
                        hello.Node = "";
                        break;
                    case "no process":
                        hello.Process = "";
                        break;
                    case "no attachment":
                        hello.Attachment = 0;
                        break;
                    case "an attachment that none can follow":
                        hello.Attachment = long.MaxValue;
                        break;
                    case "no space":
                        hello.DynamicSpace = null;
                        break;
                    case "a conflicting type":
                        hello.Types_.Add(RawPeer.Declare(Alarm, Protocol.TypeKind.Stored).Declare.Types_);
                        break;
                    case "an item twice":
                        hello.Interest.Add(RawPeer.Interested(1, 3, 3).InterestChange.Add);
                        break;
                    case "too small frames":
                        hello.Limits = new Limits { FrameBytesMax = 10 };
                        break;
                    default:
                        hello.Interest.Add(RawPeer.Interested(1, [.. Enumerable.Range(1, 200).Select(number => (uint)number)]).InterestChange.Add);
                        break;
                }
            }),
        });
        scenario.Hub.Hub!.Tick(scenario.Tree.NowMs);

        Assert.Equal((code, true), (peer.Session.End?.Code, peer.Session.End!.Reason.Contains(reason, StringComparison.Ordinal)));
        Assert.DoesNotContain(peer.Received, frame => frame.BundleBegin is not null);
        Assert.Equal(1, scenario.Hub.Hub.SessionCount);
        Assert.Equal(1, scenario.Hub.Hub.CarrierCount);
        Assert.Equal(wakes, scenario.Hub.Mirror.WakeCount);
        IsUnaffected(scenario, bystander);
    }

    [Fact]
    public void G11_Frame_BeforeTheHandshake_EndsTheSession()
    {
        var peer = new RawPeer(Limited());

        peer.Send(new Frame { Heartbeat = new Heartbeat() });

        Assert.Equal(GrpcStatusCode.InvalidArgument, peer.Session.End!.Code);
    }

    [Fact]
    public void G11_Handshake_ThatNeverEnds_IsGivenUpAfterTwoSeconds()
    {
        var scenario = Limited();
        var peer = new RawPeer(scenario);

        scenario.Tree.Pass(1999);
        peer.Tick();
        Assert.Null(peer.Session.End);
        scenario.Tree.Pass(1);
        peer.Tick();

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, peer.Session.End!.Code);
        Assert.Equal(0, scenario.Hub.Hub!.CarrierCount);
    }
}
