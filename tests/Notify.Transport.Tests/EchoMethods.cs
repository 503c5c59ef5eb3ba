using Notify.Core.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

/// <summary>The methods of echo.proto.</summary>
internal static class EchoMethods
{
    private const string Service = "notify.test.Echo";

    public static GrpcMethod<EchoRequest, EchoReply> Say { get; } = GrpcMethod.OfProtobuf<EchoRequest, EchoReply>(Service, "Say");

    public static GrpcMethod<EchoRequest, EchoReply> Repeat { get; } = GrpcMethod.OfProtobuf<EchoRequest, EchoReply>(Service, "Repeat");

    public static GrpcMethod<EchoRequest, EchoReply> Chat { get; } = GrpcMethod.OfProtobuf<EchoRequest, EchoReply>(Service, "Chat");

    public static GrpcMethod<EchoRequest, EchoReply> Cancellations { get; } =
        GrpcMethod.OfProtobuf<EchoRequest, EchoReply>(Service, "Cancellations");

    public static GrpcMethod<EchoRequest, EchoReply> Unknown { get; } = GrpcMethod.OfProtobuf<EchoRequest, EchoReply>(Service, "NoSuchMethod");
}
