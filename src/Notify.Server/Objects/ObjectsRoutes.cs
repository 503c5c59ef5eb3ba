using Microsoft.AspNetCore.Routing;
using Notify.Core.Protocol;
using Notify.Server.Transport;

namespace Notify.Server.Objects;

/// <summary>Maps the object API.</summary>
public static class ObjectsRoutes
{
    /// <summary>Maps the methods of <c>notify.v1.Objects</c>.</summary>
    public static void MapNotifyObjects(this IEndpointRouteBuilder endpoints, ObjectsService service)
    {
        endpoints.MapGrpcUnary(ObjectsMethods.Put, service.PutAsync);
        endpoints.MapGrpcUnary(ObjectsMethods.Delete, service.DeleteAsync);
        endpoints.MapGrpcUnary(ObjectsMethods.Commit, service.CommitAsync);
        endpoints.MapGrpcUnary(ObjectsMethods.Get, service.GetAsync);
        endpoints.MapGrpcServerStreaming(ObjectsMethods.List, service.ListAsync);
        endpoints.MapGrpcServerStreaming(ObjectsMethods.Watch, service.WatchAsync);
    }
}
