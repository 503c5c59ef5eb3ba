using Microsoft.AspNetCore.Routing;
using Notify.Core.Protocol;
using Notify.Server.Transport;

namespace Notify.Server.Nodes;

/// <summary>Maps the service about the nodes below.</summary>
public static class NodesRoutes
{
    /// <summary>Maps the methods of <c>notify.v1.Nodes</c>.</summary>
    public static void MapNotifyNodes(this IEndpointRouteBuilder endpoints, NodesService service)
    {
        endpoints.MapGrpcServerStreaming(NodesMethods.Wait, service.WaitAsync);
        endpoints.MapGrpcServerStreaming(NodesMethods.List, service.ListAsync);
        endpoints.MapGrpcUnary(NodesMethods.Forget, service.ForgetAsync);
    }
}
