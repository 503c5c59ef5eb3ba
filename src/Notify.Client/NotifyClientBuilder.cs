using Microsoft.Extensions.DependencyInjection;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Types;

namespace Notify.Client;

/// <summary>Adds what a leaf uses to its services.</summary>
public sealed class NotifyClientBuilder
{
    internal NotifyClientBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Registers generated types, for instance <c>EdgeTypes.All</c>. Types that the interest names have to be registered.</summary>
    public NotifyClientBuilder AddTypes(IEnumerable<ObjectType> types)
    {
        foreach (var type in types)
        {
            Services.AddSingleton(type);
        }

        return this;
    }

    /// <summary>Adds a generated cache, made from the mirror by <paramref name="create"/>, as a singleton.</summary>
    public NotifyClientBuilder AddCache<TCache>(Func<Mirror, TCache> create)
        where TCache : class
    {
        Services.AddSingleton(services => create(services.GetRequiredService<Mirror>()));
        return this;
    }

    /// <summary>Handles messages of a type that arrive at this node. The handler must not block: it runs on the link's own thread.</summary>
    public NotifyClientBuilder HandleMessages(MessageType type, Action<IServiceProvider, ReceivedMessage> handler)
    {
        Services.AddSingleton(new MessageRegistration(type, handler));
        return this;
    }
}
