using Microsoft.AspNetCore.Routing;
using Notify.Core.Transport;
using Notify.Server.Health.V1;
using Notify.Server.Transport;
using ServingStatus = Notify.Server.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Notify.Server.Health;

/// <summary>Serves <c>grpc.health.v1</c>.</summary>
public static class HealthEndpointRoutes
{
    /// <summary>Maps Check and Watch.</summary>
    public static void MapGrpcHealth(this IEndpointRouteBuilder endpoints, GrpcHealth health)
    {
        endpoints.MapGrpcUnary(HealthMethods.Check, (request, _) => Task.FromResult(Check(health, request)));
        endpoints.MapGrpcServerStreaming(HealthMethods.Watch, (request, responses, call) => WatchAsync(health, request, responses, call));
    }

    private static HealthCheckResponse Check(GrpcHealth health, HealthCheckRequest request) =>
        health.Observe(request.Service).Status is { } status
            ? new HealthCheckResponse { Status = status }
            : throw new GrpcException(GrpcStatusCode.NotFound, $"There is no service '{request.Service}' here.");

    private static async Task WatchAsync(
        GrpcHealth health, HealthCheckRequest request, IMessageWriter<HealthCheckResponse> responses, ServerCall call)
    {
        ServingStatus? last = null;
        while (true)
        {
            // Observed before it is sent: a change during the sending completes the task, and of several the last one counts.
            var (status, changed) = health.Observe(request.Service);
            var known = status ?? ServingStatus.ServiceUnknown;
            if (known != last)
                await responses.WriteAsync(new HealthCheckResponse { Status = known }, call.CancellationToken).ConfigureAwait(false);
            last = known;
            await changed.WaitAsync(call.CancellationToken).ConfigureAwait(false);
        }
    }
}
