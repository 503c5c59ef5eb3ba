using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Notify.Client;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Edge;
using Notify.Server;
using Notify.Server.Health;
using Notify.Server.Messages;
using Notify.Server.Objects;
using Notify.Server.Reflection;
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

        // Before the link: a node says where it serves before it connects.
        services.AddHostedService<NodeLifecycle>();
        if (program.HasUpstream)
        {
            services.AddLeaf(program, options);
        }

        services.AddSingleton<NodeStatusSource>();
        services.AddSingleton(provider => new StatusService(
            provider.GetRequiredService<NodeStatusSource>().Capture, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<DebugCommands>();
    }

    /// <summary>Maps what every node serves; a server has more of its own.</summary>
    public static void MapNode(this WebApplication app, NodeProgram program)
    {
        if (program.HasUpstream)
        {
            app.MapNotifyObjects(app.Services.GetRequiredService<ObjectsService>());
            app.MapNotifyStatus(app.Services.GetRequiredService<StatusService>());
            app.MapNotifyMessages(app.Services.GetRequiredService<MessagesService>());
            app.MapGrpcHealth(app.Services.GetRequiredService<GrpcHealth>());
        }
        else
        {
            app.MapNotify();
        }

        app.MapGrpcReflection(FilesOf(app.Services.GetRequiredService<Mirror>()));
    }

    /// <summary>The files of what travels inside Any: objects, of types registered until somebody asks, and messages.</summary>
    private static IEnumerable<FileDescriptor> FilesOf(Mirror mirror)
    {
        foreach (var type in mirror.Types.All)
        {
            if (type.ObjectType is { } known)
                yield return known.Descriptor.File;
        }

        yield return ExecReflection.Descriptor;
        yield return DebugReflection.Descriptor;
        yield return MetricReflection.Descriptor;
    }

    private static void AddLeaf(this IServiceCollection services, NodeProgram program, NodeOptions options)
    {
        services.AddNotifyClient(client => Configure(client, program, options)).AddTypes(program.Types);
        services.AddSingleton<GrpcHealth>();
        services.AddSingleton(provider => new ObjectsService(
            provider.GetRequiredService<Mirror>(),
            store: null,
            new ObjectsOptions { WriteAt = string.Join(" or ", options.Upstreams) },
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ObjectsService>>()));
        services.AddSingleton(provider => new MessagesService(
            options.Name, provider.GetRequiredService<MessageRouter>(), EdgeTypes.Messages, provider.GetRequiredService<TimeProvider>()));
    }

    private static void Configure(NotifyClientOptions client, NodeProgram program, NodeOptions options)
    {
        (client.Name, client.Role, client.Limits, client.Interest) = (options.Name, program.Role, options.SessionLimits, program.Interest);
        client.IsRelay = program.IsRelay;
        foreach (var upstream in options.Upstreams)
        {
            client.Upstreams.Add(upstream.ToUri());
        }
    }
}
