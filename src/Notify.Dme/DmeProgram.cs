using System.CommandLine;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Core.Sync;
using Notify.Edge;
using Notify.Hosting;
using Notify.Server.Transport;

namespace Notify.Dme;

/// <summary>The matching engine: a mirror of what it needs of all cloudlets, and the service over it.</summary>
internal sealed class DmeProgram : NodeProgram
{
    public override string Role => "dme";

    public override NodeRole NodeRole => NodeRole.Dme;

    public override string Description => "Finds the nearest healthy instance of an app for clients, from its own mirror.";

    public override IReadOnlyList<string> Examples =>
    [
        "Notify.Dme --name dme-1 --upstream 127.0.0.1:7000",
        "Notify.Dme --name dme-1 --listen 0.0.0.0:7200 --upstream controller-1:7000 --upstream controller-2:7000 --log json",
    ];

    /// <summary>
    /// What an answer is made of, of all cloudlets: what is to run where and what became of it, where the cloudlets are, and how far a client
    /// is sent at most (and how often to send metrics).
    /// </summary>
    public override Interest Interest => Interest.None.WithAll(
        AppType.Instance, AppInstType.Instance, AppInstInfoType.Instance, CloudletInfoType.Instance, SettingsType.Instance);

    public override void AddServices(IServiceCollection services, NodeOptions options, ParseResult parsed)
    {
        services.AddSingleton<AppInstIndex>();
        services.AddSingleton<Matcher>();
        services.AddSingleton<DmeService>();
        services.AddHostedService<MetricsSender>();
    }

    public override void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGrpcUnary(
        DmeMethods.FindCloudlet, endpoints.ServiceProvider.GetRequiredService<DmeService>().FindCloudletAsync);
}
