using Microsoft.AspNetCore.Routing;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Server.Transport;

namespace Notify.Server.Links;

/// <summary>Maps the link protocol.</summary>
public static class LinkRoutes
{
    /// <summary>Maps <c>notify.v1.Link</c>.</summary>
    public static void MapNotifyLink(this IEndpointRouteBuilder endpoints, LinkServer server, SessionLimits limits)
    {
        var options = new GrpcEndpointOptions { ReceiveBytesMax = limits.FrameBytesMax, SendBytesMax = limits.FrameBytesMax };
        var stopping = HostStop.Of(endpoints.ServiceProvider);
        endpoints.MapGrpcDuplex(
            LinkMethod.Connect, (requests, responses, call) => server.ConnectAsync(requests, responses, call, stopping), options);
    }
}
