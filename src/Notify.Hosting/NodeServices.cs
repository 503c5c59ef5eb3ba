using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Notify.Client.Links;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Server.Health;
using Notify.Server.Messages;
using Notify.Server.Objects;
using Notify.Server.Status;

namespace Notify.Hosting;

/// <summary>The parts that every node is made of, and what it serves with them.</summary>
internal static class NodeServices
{
    /// <summary>Adds what the program has not added itself.</summary>
    public static void AddNode(this IServiceCollection services, NodeProgram program, NodeOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(program);
        services.AddSingleton(options);
        services.AddSingleton<NodeIdentity>();
        services.AddSingleton(_ => Types());
        services.AddSingleton(provider => new Mirror(provider.GetRequiredService<TypeTable>(), new MirrorOptions
        {
            Node = options.Name,
            DynamicSpace = provider.GetRequiredService<NodeIdentity>().DynamicSpace,
            HasDownstream = !program.HasUpstream,
        }));
        services.AddSingleton<MessageRouter>();
        services.TryAddSingleton(options.SessionLimits);
        services.AddSingleton(provider => new SessionSettings
        {
            Process = provider.GetRequiredService<NodeIdentity>().Process,
            Role = program.Role,
            Limits = provider.GetRequiredService<SessionLimits>(),
        });
        if (program.HasUpstream)
        {
            services.AddSingleton(provider => Upstream(options, provider));
        }

        services.AddSingleton<GrpcHealth>();
        services.AddSingleton(provider => new ObjectsService(
            provider.GetRequiredService<Mirror>(),
            provider.GetService<IObjectStore>(),
            new ObjectsOptions { WriteAt = program.HasUpstream ? string.Join(" or ", options.Upstreams) : "this node" },
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ObjectsService>>()));
        services.AddSingleton<NodeStatusSource>();
        services.AddSingleton(provider => new StatusService(
            provider.GetRequiredService<NodeStatusSource>().Capture, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new MessagesService(
            options.Name, provider.GetRequiredService<MessageRouter>(), EdgeTypes.Messages, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<DebugCommands>();
        services.AddHostedService<NodeLifecycle>();
    }

    public static void MapNode(this WebApplication app)
    {
        app.MapNotifyObjects(app.Services.GetRequiredService<ObjectsService>());
        app.MapNotifyStatus(app.Services.GetRequiredService<StatusService>());
        app.MapNotifyMessages(app.Services.GetRequiredService<MessagesService>());
        app.MapGrpcHealth(app.Services.GetRequiredService<GrpcHealth>());
    }

    private static TypeTable Types()
    {
        var types = new TypeTable();
        types.Register(EdgeTypes.All);
        return types;
    }

    private static UpstreamLink Upstream(NodeOptions options, IServiceProvider provider) => new(
        provider.GetRequiredService<Mirror>(),
        provider.GetRequiredService<MessageRouter>(),
        new UpstreamLinkOptions
        {
            Addresses = [.. options.Upstreams.Select(upstream => upstream.ToUri())],
            Settings = provider.GetRequiredService<SessionSettings>(),
        },
        NodeIdentity.RandomFraction,
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<UpstreamLink>>());
}
