using Microsoft.AspNetCore.Routing;
using Notify.Core.Protocol;
using Notify.Server.Transport;

namespace Notify.Server.Messages;

/// <summary>Maps the message service.</summary>
public static class MessagesRoutes
{
    /// <summary>Maps the methods of <c>notify.v1.Messages</c>.</summary>
    public static void MapNotifyMessages(this IEndpointRouteBuilder endpoints, MessagesService service) =>
        endpoints.MapGrpcUnary(MessagesMethods.Send, service.SendAsync);
}
