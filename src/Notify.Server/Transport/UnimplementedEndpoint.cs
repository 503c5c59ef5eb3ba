using Microsoft.Extensions.Logging;
using Notify.Core.Transport;

namespace Notify.Server.Transport;

internal sealed class UnimplementedEndpoint(ILogger logger, TimeProvider time) : GrpcEndpoint(logger, time, CancellationToken.None)
{
    protected override Task HandleAsync(ServerCall call) =>
        throw new GrpcException(GrpcStatusCode.Unimplemented, $"There is no method {call.Method} here.");
}
