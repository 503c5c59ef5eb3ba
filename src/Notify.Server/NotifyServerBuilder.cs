using Microsoft.Extensions.DependencyInjection;
using Notify.Core.Messages;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Server;

/// <summary>Adds what the node at the top has to its services.</summary>
public sealed class NotifyServerBuilder
{
    internal NotifyServerBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Registers types, generated ones or those of a descriptor set. Stored types have to be registered to be written here.</summary>
    public NotifyServerBuilder AddTypes(IEnumerable<ObjectType> types)
    {
        foreach (var type in types)
        {
            Services.AddSingleton(type);
        }

        return this;
    }

    /// <summary>Registers messages that may be sent to nodes through this one's API.</summary>
    public NotifyServerBuilder AddMessages(IEnumerable<MessageType> messages)
    {
        foreach (var message in messages)
        {
            Services.AddSingleton(message);
        }

        return this;
    }

    /// <summary>Handles messages of a type that arrive at this node. The handler must not block: it runs on the thread of the sender's session.</summary>
    public NotifyServerBuilder HandleMessages(MessageType type, Action<IServiceProvider, ReceivedMessage> handler)
    {
        Services.AddSingleton(new MessageRegistration(type, handler));
        return this;
    }

    /// <summary>Keeps objects in a store, which the host disposes of. Called last counts.</summary>
    public NotifyServerBuilder UseStore(Func<IServiceProvider, IObjectStore> open)
    {
        Services.AddSingleton(open);
        return this;
    }
}
