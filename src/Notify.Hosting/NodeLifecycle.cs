using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Edge;
using Notify.Server.Health;

namespace Notify.Hosting;

/// <summary>
/// What a node says of itself when it starts, once it serves, and when it stops.
/// </summary>
internal sealed partial class NodeLifecycle(
    NodeProgram program, NodeOptions options, NodeIdentity identity, Mirror mirror, MessageRouter router, GrpcHealth health,
    DebugCommands debugCommands, IServer server, SessionSettings settings, IHostApplicationLifetime lifetime, ILogger<NodeLifecycle> logger)
    : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        mirror.Rejected += (rejection, exception) =>
            Log.Rejected(logger, rejection.Id.Type, rejection.Revision, exception);
        router.Failed += (type, exception) => Log.MessageFailed(logger, type, exception);
        router.Dropped += (type, reason) => Log.MessageDropped(logger, type, reason);
        debugCommands.Register();

        // At once, while other services still take their time to stop.
        lifetime.ApplicationStopping.Register(OnStopping);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // Every server that listens on addresses has the feature.
        var bound = server.Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var address = options.Listen with { Port = new Uri(bound).Port };
        new NodeCache(mirror).Publish(Describe(address));
        Console.Out.WriteLine($"listening grpc={address}");
        Log.Started(logger, options.Name, program.Role, address, settings.Process);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void OnStopping()
    {
        Log.Stopping(logger, options.Name);
        health.ShutDown();
    }

    private Node Describe(HostPort address)
    {
        var node = new Node
        {
            Key = new NodeKey { Name = options.Name },
            Role = program.NodeRole,
            Hostname = Environment.MachineName,
            ProcessId = (uint)Environment.ProcessId,
            Version = identity.Version,
            Address = address.ToString(),
            StartedAt = Timestamp.FromDateTimeOffset(identity.Started),
        };
        program.Describe(node);
        return node;
    }

    private static partial class Log
    {
        [LoggerMessage(6002, LogLevel.Information, "{Name} ({Role}) listens on {Address}, process {Process}")]
        public static partial void Started(ILogger logger, string name, string role, HostPort address, string process);

        [LoggerMessage(6003, LogLevel.Information, "{Name} stops")]
        public static partial void Stopping(ILogger logger, string name);

        [LoggerMessage(6000, LogLevel.Warning, "A handler refused revision {Revision} of a {Type}")]
        public static partial void Rejected(ILogger logger, string type, long revision, Exception exception);

        [LoggerMessage(6001, LogLevel.Warning, "A message of type {Type} was dropped: its handler failed")]
        public static partial void MessageFailed(ILogger logger, string type, Exception exception);

        [LoggerMessage(6009, LogLevel.Debug, "A message of type {Type} was dropped: {Reason}")]
        public static partial void MessageDropped(ILogger logger, string type, string reason);
    }
}
