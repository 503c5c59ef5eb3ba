using System.CommandLine;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Core.Sessions;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Hosting;
using Notify.Server;

namespace Notify.Relay;

/// <summary>A node between others: it asks above for what is asked for below, and knows no types but the one that describes itself.</summary>
internal sealed class RelayProgram : NodeProgram
{
    private readonly SecondsOption _settle = new(
        "--settle", "After the start, how long nodes have to come back before what they own is called complete.", TimeSpan.FromSeconds(5), TimeSpan.Zero);

    private readonly SecondsOption _grace = new(
        "--grace", "How long objects of a vanished node stay; those of a node that said goodbye go at once.", TimeSpan.Zero, TimeSpan.Zero);

    private readonly FullSyncsOption _fullSyncs = new();

    private readonly SecondsOption _drain = new(
        "--drain", "When told to stop, how long nodes below that have another --upstream get to go there first.", TimeSpan.FromSeconds(5), TimeSpan.Zero);

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

    public override IReadOnlyList<Option> Options => [_settle, _grace, _drain, _fullSyncs, _linger];

    public override void AddServices(IServiceCollection services, NodeOptions options, ParseResult parsed) => services.AddNotifyHub(new HubOptions
    {
        SettleMs = (int)_settle.Read(parsed).TotalMilliseconds,
        GraceMs = (int)_grace.Read(parsed).TotalMilliseconds,
        DrainMs = (int)_drain.Read(parsed).TotalMilliseconds,
        FullSyncsMax = _fullSyncs.Read(parsed),
        InterestLingerMs = (int)_linger.Read(parsed).TotalMilliseconds,
    });

    public override void Map(IEndpointRouteBuilder endpoints) => endpoints.MapNotifyHub();
}
