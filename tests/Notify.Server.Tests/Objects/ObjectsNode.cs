using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Client.Transport;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Messages;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Server.Links;
using Notify.Server.Messages;
using Notify.Server.Nodes;
using Notify.Server.Objects;
using Notify.Storage;
using Notify.Testing;
using MirrorSpace = Notify.Core.Journal.Space;

namespace Notify.Server.Tests.Objects;

/// <summary>A controller with the object API on a real port, and a client of it.</summary>
internal sealed class ObjectsNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _feed;
    private readonly LinkServer _links;

    private ObjectsNode(WebApplication app, Mirror mirror, FaultyStore store, StoreFeed feed, LinkServer links)
    {
        (_app, Mirror, Store, _links) = (app, mirror, store, links);
        Client = new GrpcChannel(new Uri(app.Urls.Single()));
        _feed = feed.RunAsync(_stop.Token);
    }

    /// <summary>Short heartbeats: the revision of what does not concern a node comes with them.</summary>
    public static SessionLimits LinkLimits { get; } = new() { HeartbeatMs = 100 };

    public GrpcChannel Client { get; }

    public Mirror Mirror { get; }

    public FaultyStore Store { get; }

    /// <summary>Ends a test that hangs.</summary>
    public CancellationToken Deadline { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    public static async Task<ObjectsNode> StartAsync(
        ObjectsOptions? options = null,
        bool writes = true,
        MemoryStoreOptions? storeOptions = null,
        IEnumerable<ObjectType>? types = null,
        JournalLimits? limits = null)
    {
        var table = new TypeTable();
        table.Register(types ?? EdgeTypes.All);
        var mirror = new Mirror(table, new MirrorOptions
        {
            Node = "test",
            DynamicSpace = new MirrorSpace("test", "1"),
            Limits = limits ?? new JournalLimits(),
            HasDownstream = true,
        });
        var store = new FaultyStore(new MemoryObjectStore(StoreIdentity.Create(new Random()), storeOptions));
        var feed = new StoreFeed(store, mirror, new StoreFeedOptions(), TimeProvider.System, NullLogger<StoreFeed>.Instance);
        var service = new ObjectsService(
            mirror, writes ? store : null, options ?? new ObjectsOptions(), TimeProvider.System, NullLogger<ObjectsService>.Instance);

        var router = new MessageRouter(mirror);
        var hub = new Hub(mirror, new HubOptions { SettleMs = 0 }, nowMs: 0);
        var settings = new SessionSettings { Process = "test", Role = "test", Limits = LinkLimits };
        var links = new LinkServer(mirror, hub, router, settings, TimeProvider.System, NullLogger<LinkServer>.Instance);
        var app = await GrpcHost.StartAsync(endpoints =>
        {
            endpoints.MapNotifyObjects(service);
            endpoints.MapNotifyLink(links, LinkLimits);
            endpoints.MapNotifyNodes(new NodesService(hub, mirror, TimeProvider.System));
            endpoints.MapNotifyMessages(new MessagesService("test", router, EdgeTypes.Messages, TimeProvider.System));
        });
        var node = new ObjectsNode(app, mirror, store, feed, links);
        await feed.Loaded.WaitAsync(node.Deadline);
        return node;
    }

    /// <summary>Tells the host to stop, without waiting for it.</summary>
    public void BeginStop() => _app.Lifetime.StopApplication();

    public static Any Pack(IMessage message) => Any.Pack(message);

    public static Flavor Flavor(string name, ulong ram = 1) => new() { Key = new FlavorKey { Name = name }, RamMb = ram };

    public static App App(string name, string flavor) => new()
    {
        Key = new AppKey { Organization = "acme", Name = name, Version = "1" },
        DefaultFlavor = new FlavorKey { Name = flavor },
    };

    public static AppInst Inst(string name, string cloudlet, ulong generation = 0) => new()
    {
        Key = new AppInstKey { Organization = "acme", Name = name },
        CloudletKey = CloudletKey(cloudlet),
        Generation = generation,
    };

    public static CloudletKey CloudletKey(string name) => new() { Organization = "oper", Name = name };

    public static ScopeKey Scope(string cloudlet) => new() { Type = "edge.v1.CloudletKey", Key = CloudletKey(cloudlet).ToByteString() };

    public static ObjectName NameOf(string type, IMessage key) => new() { Type = "edge.v1." + type, Key = key.ToByteString() };

    public static ObjectName FlavorName(string name) => NameOf("Flavor", new FlavorKey { Name = name });

    public Task<PutResponse> PutAsync(IMessage message, long? expected = null)
    {
        var request = new PutRequest { Object = Pack(message) };
        if (expected is { } revision)
        {
            request.ExpectedRevision = revision;
        }

        return Client.UnaryAsync(ObjectsMethods.Put, request, cancellationToken: Deadline);
    }

    public Task<DeleteResponse> DeleteAsync(ObjectName name) =>
        Client.UnaryAsync(ObjectsMethods.Delete, new DeleteRequest { Object = name }, cancellationToken: Deadline);

    public Task<GetResponse> GetAsync(ObjectName name, long minRevision = 0, bool links = false) => Client.UnaryAsync(
        ObjectsMethods.Get, new GetRequest { Object = name, MinRevision = minRevision, Links = links }, cancellationToken: Deadline);

    public Task<CommitResponse> CommitAsync(params WriteChange[] changes)
    {
        var request = new CommitRequest();
        request.Changes.AddRange(changes);
        return Client.UnaryAsync(ObjectsMethods.Commit, request, cancellationToken: Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _feed);
        _stop.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _links.Dispose();
        await Store.DisposeAsync();
    }
}
