using Microsoft.Extensions.Logging;
using Notify.Core.Transport;

namespace Notify.Server.Transport;

/// <summary>Answers every call with the same code.</summary>
internal sealed class RefusingEndpoint(GrpcStatusCode code, Func<string, string> reasonFor, ILogger logger, TimeProvider time)
    : GrpcEndpoint(logger, time, CancellationToken.None)
{
    protected override Task HandleAsync(ServerCall call) => throw new GrpcException(code, reasonFor(call.Method));
}
