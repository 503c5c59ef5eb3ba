using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Core;
using Notify.Core.Sessions;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Hosting;
using Notify.Server;
using Notify.Storage;
using Notify.Storage.Embedded;

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

    private readonly Option<StoreKind> _store = new("--store")
    {
        Description = "Where objects are kept: embedded, in files of this controller alone, or memory, gone when it stops.",
        HelpName = "embedded|memory",
        CustomParser = ParseStore,
        DefaultValueFactory = _ => StoreKind.Embedded,
    };

    private readonly Option<string?> _dataDir = new("--data-dir")
    {
        Description = "Folder of the embedded store, created where there is none. By default NAME-data in the working directory.",
        HelpName = "DIR",
    };

    private readonly SecondsOption _settle = new(
        "--settle", "After the start, how long nodes have to come back before what they own is called complete.", TimeSpan.FromSeconds(5), TimeSpan.Zero);

    private readonly SecondsOption _grace = new(
        "--grace", "How long objects of a vanished node stay; those of a node that said goodbye go at once.", TimeSpan.Zero, TimeSpan.Zero);

    public ControllerProgram() => _dataDir.Validators.Add(result =>
    {
        if (result.GetValue(_store) == StoreKind.Memory)
        {
            result.AddError("--data-dir: a store in memory has no folder. Leave one of --data-dir and --store memory.");
        }
    });

    public override string Role => "controller";

    public override NodeRole NodeRole => NodeRole.Controller;

    public override string Description => "Keeps the stored objects and mirrors them to the nodes that connect.";

    public override IReadOnlyList<string> Examples =>
    [
        "Notify.Controller --name controller-1",
        "Notify.Controller --name controller-1 --listen 0.0.0.0:7000 --data-dir /var/lib/notify --log json",
        "Notify.Controller --name try-out --store memory",
        "Notify.Controller --name controller-1 --types mytypes.binpb --grace 10",
    ];

    public override HostPort Listen { get; } = new("127.0.0.1", 7000);

    public override bool HasUpstream => false;

    public override IReadOnlyList<Option> Options => [_store, _dataDir, _types, _objectBytesMax, _settle, _grace];

    public override void AddServices(IServiceCollection services, NodeOptions options, ParseResult parsed)
    {
        var limits = new StoreLimits { ObjectBytesMax = parsed.GetValue(_objectBytesMax) };
        limits = limits with { CommitBytesMax = Math.Max(limits.CommitBytesMax, limits.ObjectBytesMax) };
        var hubOptions = new HubOptions
        {
            SettleMs = (int)_settle.Read(parsed).TotalMilliseconds,
            GraceMs = (int)_grace.Read(parsed).TotalMilliseconds,
        };
        services.AddSingleton<ReceivedMetrics>();
        services.AddSingleton(provider => provider.GetRequiredService<ReceivedMetrics>().Command);
        var (kind, directory) = (parsed.GetValue(_store), parsed.GetValue(_dataDir) ?? options.Name + "-data");
        services
            .AddNotifyServer(server =>
            {
                (server.Name, server.Role, server.Hub) = (options.Name, Role, hubOptions);
                server.Limits = options.SessionLimits with { ObjectBytesMax = limits.ObjectBytesMax };
            })
            .AddTypes([.. EdgeTypes.All, .. parsed.GetValue(_types) ?? []])
            .AddMessages(EdgeTypes.Messages)
            .HandleMessages(
                EdgeMessages.Of<Metric>(),
                static (provider, received) => provider.GetRequiredService<ReceivedMetrics>().Add(received.Source, (Metric)received.Payload))
            .UseStore(provider => Open(kind, directory, limits, provider));
    }

    private static IObjectStore Open(StoreKind kind, string directory, StoreLimits limits, IServiceProvider services)
    {
        // Without a seed: the system's randomness. Identities must not repeat between processes.
        var random = new Random();
        return kind == StoreKind.Memory
            ? new MemoryObjectStore(StoreIdentity.Create(random), new MemoryStoreOptions { Limits = limits })
            : EmbeddedObjectStore.Open(
                directory, random, new EmbeddedStoreOptions { Limits = limits }, services.GetRequiredService<ILogger<EmbeddedObjectStore>>());
    }

    private static StoreKind ParseStore(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!Enum.TryParse<StoreKind>(text, ignoreCase: true, out var kind) || !Enum.IsDefined(kind) || char.IsAsciiDigit(text[0]))
        {
            result.AddError($"--store: '{text}' is neither embedded nor memory.");
        }

        return kind;
    }

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
