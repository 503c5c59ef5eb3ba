using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Server.Admin;
using Notify.Server.Health;
using Notify.Server.Links;
using Notify.Server.Messages;
using Notify.Server.Nodes;
using Notify.Server.Objects;
using Notify.Server.Status;
using Notify.Server.Transport;
using Space = Notify.Core.Journal.Space;

namespace Notify.Server;

/// <summary>Adds the top of a tree to a host.</summary>
public static class NotifyServerServices
{
    /// <summary>
    /// Adds a <see cref="Mirror"/> that follows a store, a <see cref="Hub"/> for the nodes below and what <see cref="MapNotify"/> serves. The host starts
    /// when the mirror shows what the store has. Options are checked when the host starts, all errors together.
    /// </summary>
    public static NotifyServerBuilder AddNotifyServer(this IServiceCollection services, Action<NotifyServerOptions> configure)
    {
        services.AddOptions<NotifyServerOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<NotifyServerOptions>, NotifyServerValidation>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(NoStore);
        services.TryAddSingleton(CreateTypes);
        services.TryAddSingleton(CreateMirror);
        services.TryAddSingleton(CreateRouter);
        services.TryAddSingleton(CreateSettings);
        services.TryAddSingleton(CreateFeed);
        services.TryAddSingleton(CreateHub);
        services.TryAddSingleton<LinkServer>();
        services.TryAddSingleton<NodesService>();
        services.TryAddSingleton<GrpcHealth>();
        services.TryAddSingleton(CreateObjects);
        services.TryAddSingleton(CreateMessages);
        services.TryAddSingleton(CreateStatus);
        services.TryAddSingleton(CreatePublisher);
        services.AddHostedService<StoreService>();
        services.AddHostedService<SharedPublisherService>();
        return new NotifyServerBuilder(services);
    }

    /// <summary>
    /// Adds the lower side of a relay to a host that has its upper side by <c>AddNotifyClient</c> with <c>IsRelay</c>: a <see cref="Hub"/> for the nodes below.
    /// Map it with <see cref="MapNotifyHub"/>.
    /// </summary>
    public static IServiceCollection AddNotifyHub(this IServiceCollection services, HubOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => LinkServer.CreateHub(
            provider.GetRequiredService<Mirror>(), options, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<LinkServer>();
        services.TryAddSingleton<NodesService>();
        return services;
    }

    /// <summary>Maps the link protocol of a relay, and what it serves about the nodes below it. Call it before the host starts: the link upwards needs the hub.</summary>
    public static void MapNotifyHub(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        endpoints.MapNotifyLink(services.GetRequiredService<LinkServer>(), services.GetRequiredService<SessionSettings>().Limits);
        endpoints.MapNotifyNodes(services.GetRequiredService<NodesService>());
    }

    /// <summary>
    /// Maps the link protocol, the object API, status, messages, nodes and health, and for a store that can be backed up the services of its operators.
    /// Kestrel has to speak HTTP/2; <see cref="KestrelGrpc"/> sets it up.
    /// </summary>
    public static void MapNotify(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        endpoints.MapNotifyHub();
        endpoints.MapNotifyObjects(services.GetRequiredService<ObjectsService>());
        endpoints.MapNotifyStatus(services.GetRequiredService<StatusService>());
        endpoints.MapNotifyMessages(services.GetRequiredService<MessagesService>());
        endpoints.MapGrpcHealth(services.GetRequiredService<GrpcHealth>());
        if (services.GetRequiredService<IObjectStore>() is IBackUpSource source)
        {
            endpoints.MapNotifyAdmin(source);
        }
    }

    private static NotifyServerOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<NotifyServerOptions>>().Value;

    private static IObjectStore NoStore(IServiceProvider services) => throw new InvalidOperationException(
        "The server has no store. Call UseStore(...) on what AddNotifyServer returns, for example with EmbeddedObjectStore.Open or a MemoryObjectStore of Notify.Storage.");

    private static TypeTable CreateTypes(IServiceProvider services)
    {
        var types = new TypeTable();
        types.Register(services.GetServices<ObjectType>());
        return types;
    }

    private static Mirror CreateMirror(IServiceProvider services) => new(services.GetRequiredService<TypeTable>(), new MirrorOptions
    {
        Node = Options(services).Name,
        DynamicSpace = new Space(Options(services).Name, RandomId()),
        HasDownstream = true,
    });

    private static MessageRouter CreateRouter(IServiceProvider services) => MessageRegistration.CreateRouter(
        services.GetRequiredService<Mirror>(), Options(services).Limits, services.GetServices<MessageRegistration>(), services);

    private static SessionSettings CreateSettings(IServiceProvider services) =>
        new() { Process = RandomId(), Role = Options(services).Role, Limits = Options(services).Limits };

    private static StoreFeed CreateFeed(IServiceProvider services) => new(
        services.GetRequiredService<IObjectStore>(),
        services.GetRequiredService<Mirror>(),
        Options(services).Feed,
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<StoreFeed>>());

    private static SharedPublisher CreatePublisher(IServiceProvider services) => new(
        services.GetRequiredService<IObjectStore>(),
        services.GetRequiredService<Mirror>(),
        services.GetRequiredService<Hub>(),
        services.GetRequiredService<SessionSettings>().Process,
        Options(services).Sharing,
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<SharedPublisher>>());

    private static Hub CreateHub(IServiceProvider services) =>
        LinkServer.CreateHub(services.GetRequiredService<Mirror>(), Options(services).Hub, services.GetRequiredService<TimeProvider>());

    private static ObjectsService CreateObjects(IServiceProvider services) => new(
        services.GetRequiredService<Mirror>(),
        services.GetRequiredService<IObjectStore>(),
        new ObjectsOptions { WriteAt = "this node" },
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<ObjectsService>>());

    private static MessagesService CreateMessages(IServiceProvider services) => new(
        Options(services).Name,
        services.GetRequiredService<MessageRouter>(),
        services.GetServices<MessageType>(),
        services.GetRequiredService<TimeProvider>());

    private static StatusService CreateStatus(IServiceProvider services)
    {
        var (mirror, hub) = (services.GetRequiredService<Mirror>(), services.GetRequiredService<Hub>());
        var (settings, time) = (services.GetRequiredService<SessionSettings>(), services.GetRequiredService<TimeProvider>());
        var started = Timestamp.FromDateTimeOffset(time.GetUtcNow());
        return new StatusService(Capture, time);

        NodeStatus Capture()
        {
            var status = new NodeStatus
            {
                Name = mirror.Node,
                Role = settings.Role,
                Process = settings.Process,
                Started = started,
                Synced = mirror.Snapshot().StoredSpace is not null,
            };
            MirrorStatus.AddTo(status, mirror);
            LinkStatus.AddTo(status, hub, time);
            return status;
        }
    }

    private static string RandomId() => RandomNumberGenerator.GetHexString(16);
}
