using Microsoft.Extensions.Logging;
using Notify.Core.Transport;

namespace Notify.Server.Transport;

internal sealed class DuplexEndpoint<TRequest, TResponse>(
    GrpcMethod<TRequest, TResponse> method, DuplexHandler<TRequest, TResponse> handler, GrpcEndpointOptions options, ILogger logger, TimeProvider time)
    : GrpcEndpoint(logger, time, CancellationToken.None)
{
    protected override Task HandleAsync(ServerCall call) =>
        handler(
            new ServerMessageReader<TRequest>(call, method.RequestCodec, options.ReceiveBytesMax),
            new ServerMessageWriter<TResponse>(call, method.ResponseCodec, options.SendBytesMax),
            call);
}
