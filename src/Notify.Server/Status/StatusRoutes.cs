using Microsoft.AspNetCore.Routing;
using Notify.Core.Protocol;
using Notify.Server.Transport;

namespace Notify.Server.Status;

/// <summary>Maps the status service.</summary>
public static class StatusRoutes
{
    /// <summary>Maps the methods of <c>notify.v1.Status</c>.</summary>
    public static void MapNotifyStatus(this IEndpointRouteBuilder endpoints, StatusService service)
    {
        endpoints.MapGrpcUnary(StatusMethods.Get, service.GetAsync);
        endpoints.MapGrpcServerStreaming(StatusMethods.Watch, service.WatchAsync);
    }
}
