using Microsoft.AspNetCore.Routing;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Server.Transport;

namespace Notify.Server.Links;

/// <summary>Maps the link protocol.</summary>
public static class LinkRoutes
{
    /// <summary>Maps <c>notify.v1.Link</c>.</summary>
    public static void MapNotifyLink(this IEndpointRouteBuilder endpoints, LinkServer server, SessionLimits limits) =>
        endpoints.MapGrpcDuplex(LinkMethod.Connect, server.ConnectAsync, new GrpcEndpointOptions
        {
            ReceiveBytesMax = limits.FrameBytesMax,
            SendBytesMax = limits.FrameBytesMax,
        });
}
