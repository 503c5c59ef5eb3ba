using Notify.Core.Caches;
using Notify.Core.Sessions;

namespace Notify.Core.Messages;

/// <summary>A handler of messages that a host's services have, added before there is a router.</summary>
internal sealed record MessageRegistration(MessageType Type, Action<IServiceProvider, ReceivedMessage> Handler)
{
    /// <summary>The router of a node, with all handlers that were added.</summary>
    public static MessageRouter CreateRouter(
        Mirror mirror, SessionLimits limits, IEnumerable<MessageRegistration> registrations, IServiceProvider services)
    {
        var router = new MessageRouter(mirror, limits);
        foreach (var registration in registrations)
        {
            router.Handle(registration.Type, received => registration.Handler(services, received));
        }

        return router;
    }
}
