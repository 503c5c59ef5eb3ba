using Microsoft.Extensions.Logging;
using Notify.Core.Transport;

namespace Notify.Server.Transport;

internal sealed class ServerStreamingEndpoint<TRequest, TResponse>(
    GrpcMethod<TRequest, TResponse> method,
    ServerStreamingHandler<TRequest, TResponse> handler,
    GrpcEndpointOptions options,
    ILogger logger,
    TimeProvider time,
    CancellationToken stopping)
    : GrpcEndpoint(logger, time, stopping)
{
    protected override async Task HandleAsync(ServerCall call)
    {
        var requests = new ServerMessageReader<TRequest>(call, method.RequestCodec, options.ReceiveBytesMax);
        var responses = new ServerMessageWriter<TResponse>(call, method.ResponseCodec, options.SendBytesMax);
        await handler(await requests.ReadOnlyMessageAsync().ConfigureAwait(false), responses, call).ConfigureAwait(false);
    }
}
