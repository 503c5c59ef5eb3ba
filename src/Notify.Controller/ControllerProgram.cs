using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Core;
using Notify.Core.Caches;
using Notify.Core.Sessions;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Hosting;
using Notify.Server.Links;
using Notify.Storage;

namespace Notify.Controller;

/// <summary>The controller: a store, the object API over it, and a hub for the nodes below.</summary>
internal sealed class ControllerProgram : NodeProgram
{
    private const int ObjectBytesLeast = 1024;
    private const int ObjectBytesMost = 3 << 20;

    private readonly Option<IReadOnlyList<ObjectType>> _types = new("--types")
    {
        Description = "A FileDescriptorSet (protoc --include_imports --descriptor_set_out) with annotated types to serve besides the edge model.",
        HelpName = "FILE",
        CustomParser = ParseTypes,
    };

    private readonly Option<int> _objectBytesMax = new("--object-bytes-max")
    {
        Description = "The largest object taken.",
        HelpName = "BYTES",
        DefaultValueFactory = _ => new StoreLimits().ObjectBytesMax,
        CustomParser = ParseObjectBytesMax,
    };

    private readonly SecondsOption _settle = new(
        "--settle", "After the start, how long nodes have to come back before what they own is called complete.", TimeSpan.FromSeconds(5), TimeSpan.Zero);

    private readonly SecondsOption _grace = new(
        "--grace", "How long objects of a vanished node stay; those of a node that said goodbye go at once.", TimeSpan.Zero, TimeSpan.Zero);

    public override string Role => "controller";

    public override NodeRole NodeRole => NodeRole.Controller;

    public override string Description => "Keeps the stored objects, in memory, and mirrors them to the nodes that connect.";

    public override IReadOnlyList<string> Examples =>
    [
        "Notify.Controller --name controller-1",
        "Notify.Controller --name controller-1 --listen 0.0.0.0:7000 --log json",
        "Notify.Controller --name controller-1 --types mytypes.binpb --grace 10",
    ];

    public override HostPort Listen { get; } = new("127.0.0.1", 7000);

    public override bool HasUpstream => false;

    public override IReadOnlyList<Option> Options => [_types, _objectBytesMax, _settle, _grace];

    public override void AddServices(IServiceCollection services, NodeOptions options, ParseResult parsed)
    {
        var limits = new StoreLimits { ObjectBytesMax = parsed.GetValue(_objectBytesMax) };
        limits = limits with { CommitBytesMax = Math.Max(limits.CommitBytesMax, limits.ObjectBytesMax) };
        var hubOptions = new HubOptions
        {
            SettleMs = (int)_settle.Read(parsed).TotalMilliseconds,
            GraceMs = (int)_grace.Read(parsed).TotalMilliseconds,
        };
        services.AddSingleton(new ControllerTypes([.. EdgeTypes.All, .. parsed.GetValue(_types) ?? []]));
        services.AddSingleton<IObjectStore>(_ => new MemoryObjectStore(
            new StoreIdentity(new Guid(RandomNumberGenerator.GetBytes(16)), new Guid(RandomNumberGenerator.GetBytes(16))),
            new MemoryStoreOptions { Limits = limits }));
        services.AddSingleton(provider => new StoreFeed(
            provider.GetRequiredService<IObjectStore>(),
            provider.GetRequiredService<Mirror>(),
            new StoreFeedOptions(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<StoreFeed>>()));
        services.AddSingleton(provider => LinkServer.CreateHub(
            provider.GetRequiredService<Mirror>(), hubOptions, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<LinkServer>();
        services.AddSingleton(options.SessionLimits with { ObjectBytesMax = limits.ObjectBytesMax });
        services.AddSingleton<ReceivedMetrics>();
        services.AddSingleton(provider => provider.GetRequiredService<ReceivedMetrics>().Command);
        services.AddHostedService<StoreService>();
    }

    public override void Map(IEndpointRouteBuilder endpoints) => endpoints.MapNotifyLink(
        endpoints.ServiceProvider.GetRequiredService<LinkServer>(),
        endpoints.ServiceProvider.GetRequiredService<SessionLimits>());

    private static IReadOnlyList<ObjectType>? ParseTypes(ArgumentResult result)
    {
        var file = result.Tokens[0].Value;
        try
        {
            var types = DescriptorObjectType.Load(ByteString.CopyFrom(File.ReadAllBytes(file)));
            var together = new TypeTable();
            together.Register([.. EdgeTypes.All, .. types]); // Throws where they contradict each other.
            return types;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotifyException)
        {
            result.AddError($"--types {file}: {e.Message}");
            return null;
        }
    }

    private static int ParseObjectBytesMax(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) || bytes is < ObjectBytesLeast or > ObjectBytesMost)
        {
            result.AddError($"--object-bytes-max: '{text}' is not a number of bytes from {ObjectBytesLeast} to {ObjectBytesMost}.");
        }

        return bytes;
    }
}
