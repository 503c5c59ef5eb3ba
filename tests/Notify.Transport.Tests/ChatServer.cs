using Notify.Core.Transport;
using Notify.Server.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

/// <summary>A duplex method whose handler a test brings along.</summary>
internal static class ChatServer
{
    public static GrpcMethod<EchoRequest, EchoReply> Method { get; } =
        GrpcMethod.OfProtobuf<EchoRequest, EchoReply>("notify.test.Other", "Chat");

    public static TestServerOptions Options(DuplexHandler<EchoRequest, EchoReply> handler) =>
        new() { Map = endpoints => endpoints.MapGrpcDuplex(Method, handler) };
}
