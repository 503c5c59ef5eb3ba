using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Notify.Client.Links;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Types;

namespace Notify.Client;

/// <summary>Adds a leaf of the tree to a host.</summary>
public static class NotifyClientServices
{
    /// <summary>
    /// Adds a <see cref="Mirror"/>, a <see cref="MessageRouter"/> and an <see cref="UpstreamLink"/> that connects once all services of the host
    /// have started, and says goodbye before they stop. Options are checked when the host starts, all errors together.
    /// </summary>
    public static NotifyClientBuilder AddNotifyClient(this IServiceCollection services, Action<NotifyClientOptions> configure)
    {
        services.AddOptions<NotifyClientOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<NotifyClientOptions>, NotifyClientValidation>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(CreateTypes);
        services.TryAddSingleton(CreateMirror);
        services.TryAddSingleton(CreateRouter);
        services.TryAddSingleton(CreateSettings);
        services.TryAddSingleton(CreateLink);
        services.AddHostedService<LinkService>();
        return new NotifyClientBuilder(services);
    }

    private static TypeTable CreateTypes(IServiceProvider services)
    {
        var types = new TypeTable();
        types.Register(services.GetServices<ObjectType>());
        return types;
    }

    private static Mirror CreateMirror(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<NotifyClientOptions>>().Value;
        var mirror = new Mirror(services.GetRequiredService<TypeTable>(), new MirrorOptions
        {
            Node = options.Name,
            DynamicSpace = new Space(options.Name, RandomId()),
            HasDownstream = options.IsRelay,
            IsRelay = options.IsRelay,
        });
        mirror.SetInterest(options.Interest);
        return mirror;
    }

    private static MessageRouter CreateRouter(IServiceProvider services) => MessageRegistration.CreateRouter(
        services.GetRequiredService<Mirror>(), services.GetRequiredService<IOptions<NotifyClientOptions>>().Value.Limits, services.GetServices<MessageRegistration>(), services);

    private static SessionSettings CreateSettings(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<NotifyClientOptions>>().Value;
        return new SessionSettings { Process = RandomId(), Role = options.Role, Limits = options.Limits };
    }

    private static UpstreamLink CreateLink(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<NotifyClientOptions>>().Value;
        return new UpstreamLink(
            services.GetRequiredService<Mirror>(),
            services.GetRequiredService<MessageRouter>(),
            new UpstreamLinkOptions
            {
                Addresses = [.. options.Upstreams],
                Settings = services.GetRequiredService<SessionSettings>(),
                Policy = options.Backoff,
            },
            RandomFraction,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<UpstreamLink>>());
    }

    private static string RandomId() => Convert.ToHexString(RandomNumberGenerator.GetBytes(8));

    private static double RandomFraction() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;

    private sealed class LinkService(UpstreamLink link) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken)
        {
            link.Start();
            return Task.CompletedTask;
        }

        public Task StoppingAsync(CancellationToken cancellationToken) => link.StopAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
