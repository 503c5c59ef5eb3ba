using System.CommandLine;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Hosting;
using Notify.Server;

namespace Notify.Relay;

/// <summary>A node between others: it asks above for what is asked for below, and knows no types but the one that describes itself.</summary>
internal sealed class RelayProgram : NodeProgram
{
    private readonly HubArguments _hub = new();

    private readonly SecondsOption _linger = new(
        "--linger", "How long what a vanished node asked for is still asked for above.", TimeSpan.FromSeconds(5), TimeSpan.Zero);

    public override string Role => "relay";

    public override NodeRole NodeRole => NodeRole.Relay;

    public override string Description => "Mirrors from the node above what the nodes below need, and passes up what they own.";

    public override IReadOnlyList<string> Examples =>
    [
        "Notify.Relay --name relay-eu --upstream controller-1:7000",
        "Notify.Relay --name relay-eu --listen 0.0.0.0:7000 --upstream controller-1:7000 --upstream controller-2:7000 --grace 10 --log json",
    ];

    public override HostPort Listen { get; } = new("127.0.0.1", 7000);

    public override bool IsRelay => true;

    public override IEnumerable<ObjectType> Types => [NodeType.Instance];

    public override IReadOnlyList<Option> Options => [.. _hub.All, _linger];

    public override void AddServices(IServiceCollection services, NodeOptions options, ParseResult parsed) =>
        services.AddNotifyHub(_hub.Read(parsed) with { InterestLingerMs = (int)_linger.Read(parsed).TotalMilliseconds });

    public override void Map(IEndpointRouteBuilder endpoints) => endpoints.MapNotifyHub();
}
