using Microsoft.Extensions.Logging;
using Notify.Core.Transport;

namespace Notify.Server.Transport;

internal sealed class UnaryEndpoint<TRequest, TResponse>(
    GrpcMethod<TRequest, TResponse> method, UnaryHandler<TRequest, TResponse> handler, GrpcEndpointOptions options, ILogger logger, TimeProvider time,
    CancellationToken stopping)
    : GrpcEndpoint(logger, time, stopping)
{
    protected override async Task HandleAsync(ServerCall call)
    {
        var requests = new ServerMessageReader<TRequest>(call, method.RequestCodec, options.ReceiveBytesMax);
        var response = await handler(await requests.ReadOnlyMessageAsync().ConfigureAwait(false), call).ConfigureAwait(false);
        // Not flushed: Kestrel sends it together with the trailers.
        new ServerMessageWriter<TResponse>(call, method.ResponseCodec, options.SendBytesMax).Write(response);
    }
}
