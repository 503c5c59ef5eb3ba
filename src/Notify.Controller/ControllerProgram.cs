using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Core;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Hosting;
using Notify.Server;
using Notify.Storage;
using Notify.Storage.Embedded;
using Notify.Storage.Etcd;

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
        Description = "Where objects are kept: embedded, in files of this controller alone; etcd, shared by several controllers; or memory, gone when it stops.",
        HelpName = "embedded|etcd|memory",
        CustomParser = ParseStore,
        DefaultValueFactory = _ => StoreKind.Embedded,
    };

    private readonly Option<string?> _dataDir = new("--data-dir")
    {
        Description = "Folder of the embedded store, created where there is none. By default NAME-data in the working directory.",
        HelpName = "DIR",
    };

    private readonly EtcdOptions _etcd = new();

    private readonly HubArguments _hub = new();

    private readonly SecondsOption _leaseTtl = new(
        "--lease-ttl",
        "How long after this controller has vanished others speak for its nodes; etcd may be away for less. For --store etcd.",
        new SharedPublisherOptions().LeaseTtl,
        TimeSpan.FromSeconds(2));

    private EtcdObjectStore? _opened;

    public ControllerProgram()
    {
        _dataDir.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValue(_dataDir)))
            {
                result.AddError("--data-dir: the name of the folder is empty. Name one, or leave --data-dir.");
            }

            if (TryGet(result, _store, out var kind) && kind != StoreKind.Embedded)
            {
                var name = NameOf(kind);
                result.AddError($"--data-dir: a store in {name} has no folder. Leave one of --data-dir and --store {name}.");
            }
        });
        foreach (var option in (IEnumerable<Option>)[.. _etcd.All, _leaseTtl])
        {
            option.Validators.Add(result =>
            {
                if (TryGet(result, _store, out var kind) && kind != StoreKind.Etcd)
                {
                    result.AddError($"{option.Name}: the store is not in etcd. Add --store etcd, or leave {option.Name}.");
                }
            });
        }

        _store.Validators.Add(result =>
        {
            if (TryGet(result, _store, out var kind) && kind == StoreKind.Etcd)
            {
                var problems = new List<string>();
                EtcdSettingsOf(result.GetValue, TryGet(result, _objectBytesMax, out var bytes) ? bytes : ObjectBytesLeast).Read(problems);
                problems.ForEach(result.AddError);
            }
        });
    }

    public override string Role => "controller";

    public override NodeRole NodeRole => NodeRole.Controller;

    public override string Description => "Keeps the stored objects and mirrors them to the nodes that connect.";

    public override IReadOnlyList<string> Examples =>
    [
        "Notify.Controller --name controller-1",
        "Notify.Controller --name controller-1 --listen 0.0.0.0:7000 --data-dir /var/lib/notify --log json",
        "Notify.Controller --name try-out --store memory",
        "Notify.Controller --name controller-1 --store etcd --etcd http://etcd-1:2379,http://etcd-2:2379",
        "Notify.Controller --name controller-1 --types mytypes.binpb --grace 10",
    ];

    public override HostPort Listen { get; } = new("127.0.0.1", 7000);

    public override bool HasUpstream => false;

    public override IReadOnlyList<Option> Options =>
        [_store, _dataDir, .. _etcd.All, _leaseTtl, _types, _objectBytesMax, .. _hub.All];

    public override void ValidateName(OptionResult name)
    {
        // A name with a slash would put the folder elsewhere, and two names made equal by replacing it would share one.
        if (name.GetResult(_dataDir) is null
            && (!TryGet(name, _store, out var kind) || kind == StoreKind.Embedded)
            && name.Tokens is [{ Value: var text }]
            && text.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0)
        {
            name.AddError($"--data-dir: the name '{text}' is no name of a folder, so there is no default. Give --data-dir.");
        }
    }

    public override async Task PrepareAsync(NodeOptions options, ParseResult parsed, NotReadyServer notReady, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_store) != StoreKind.Etcd)
        {
            return;
        }

        var settings = EtcdSettingsOf(parsed.GetValue, parsed.GetValue(_objectBytesMax)).Read([]);
        var logger = notReady.Loggers.CreateLogger<EtcdObjectStore>();
        while (_opened is null)
        {
            try
            {
                _opened = await EtcdObjectStore.OpenAsync(settings, new Random(), logger, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is StoreUnavailableException { IsRefused: false } or CommitOutcomeUnknownException)
            {
                await notReady.WaitAsync(e.Message, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public override void AddServices(IServiceCollection services, NodeOptions options, ParseResult parsed)
    {
        var limits = LimitsOf(parsed.GetValue(_objectBytesMax));
        services.AddSingleton<ReceivedMetrics>();
        services.AddSingleton(provider => provider.GetRequiredService<ReceivedMetrics>().Command);
        var (kind, directory) = (parsed.GetValue(_store), parsed.GetValue(_dataDir) ?? options.Name + "-data");
        services
            .AddNotifyServer(server =>
            {
                (server.Name, server.Role, server.Hub) = (options.Name, Role, _hub.Read(parsed));
                server.Sharing = new SharedPublisherOptions { LeaseTtl = _leaseTtl.Read(parsed) };
                server.Limits = options.SessionLimits with { ObjectBytesMax = limits.ObjectBytesMax };
            })
            .AddTypes([.. EdgeTypes.All, .. parsed.GetValue(_types) ?? []])
            .AddMessages(EdgeTypes.Messages)
            .HandleMessages(
                EdgeMessages.Of<Metric>(),
                static (provider, received) => provider.GetRequiredService<ReceivedMetrics>().Add(received.Source, (Metric)received.Payload))
            .UseStore(provider => Open(kind, directory, limits, provider));
    }

    private static StoreLimits LimitsOf(int objectBytesMax)
    {
        var usual = new StoreLimits();
        return usual with { ObjectBytesMax = objectBytesMax, CommitBytesMax = Math.Max(usual.CommitBytesMax, objectBytesMax) };
    }

    /// <summary>False for an option that has an error of its own, which is reported without our help.</summary>
    private static bool TryGet<T>(OptionResult result, Option<T> option, out T? value)
    {
        try
        {
            value = result.GetValue(option);
            return true;
        }
        catch (InvalidOperationException)
        {
            // How the parser says that the option has an error. There is no other way to ask; whatever else may throw this throws again where the option is read.
            value = default;
            return false;
        }
    }

    private static string NameOf(StoreKind kind) => kind == StoreKind.Etcd ? "etcd" : "memory";

    private EtcdSettings EtcdSettingsOf(Func<Option<string?>, string?> valueOf, int objectBytesMax) =>
        _etcd.Read(valueOf, Environment.GetEnvironmentVariable) with { Limits = LimitsOf(objectBytesMax) };

    private IObjectStore Open(StoreKind kind, string directory, StoreLimits limits, IServiceProvider services)
    {
        // Without a seed: the system's randomness. Identities must not repeat between processes.
        var random = new Random();
        return kind switch
        {
            StoreKind.Memory => new MemoryObjectStore(StoreIdentity.Create(random), new MemoryStoreOptions { Limits = limits }),
            StoreKind.Etcd => _opened!, // By PrepareAsync.
            _ => EmbeddedObjectStore.Open(
                directory, random, new EmbeddedStoreOptions { Limits = limits }, services.GetRequiredService<ILogger<EmbeddedObjectStore>>()),
        };
    }

    private static StoreKind ParseStore(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!Enum.TryParse<StoreKind>(text, ignoreCase: true, out var kind) || !Enum.IsDefined(kind) || char.IsAsciiDigit(text[0]))
        {
            result.AddError($"--store: '{text}' is none of embedded, etcd and memory.");
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
