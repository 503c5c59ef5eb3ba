using Notify.Core.Transport;
using Notify.Server.Health.V1;

namespace Notify.Server.Health;

/// <summary>The methods of <c>grpc.health.v1.Health</c>.</summary>
public static class HealthMethods
{
    private const string Service = "grpc.health.v1.Health";

    /// <summary>How a service is now.</summary>
    public static GrpcMethod<HealthCheckRequest, HealthCheckResponse> Check { get; } =
        GrpcMethod.OfProtobuf<HealthCheckRequest, HealthCheckResponse>(Service, "Check");

    /// <summary>How a service is now and after each change.</summary>
    public static GrpcMethod<HealthCheckRequest, HealthCheckResponse> Watch { get; } =
        GrpcMethod.OfProtobuf<HealthCheckRequest, HealthCheckResponse>(Service, "Watch");
}
