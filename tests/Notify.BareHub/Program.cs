using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Server.Links;
using Notify.Server.Objects;
using Notify.Storage;

// A controller without the edge model's assembly. Its one argument is a FileDescriptorSet with the stored types; what nodes own, it
// learns of from them.
var stored = DescriptorObjectType.Load(ByteString.CopyFrom(await File.ReadAllBytesAsync(args[0])))
    .Where(type => type.Declaration.Kind == TypeKind.Stored)
    .ToList();
var types = new TypeTable();
types.Register(stored);
var mirror = new Mirror(types, new MirrorOptions
{
    Node = "bare",
    DynamicSpace = new Space(Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N")),
    HasDownstream = true,
});
var router = new MessageRouter(mirror);
await using var store = new MemoryObjectStore(new StoreIdentity(Guid.NewGuid(), Guid.NewGuid()));
await store.DeclareAsync([.. stored.Select(type => type.Declaration)], CancellationToken.None);
var feed = new StoreFeed(store, mirror, new StoreFeedOptions(), TimeProvider.System, NullLogger<StoreFeed>.Instance);
var feeding = feed.RunAsync(CancellationToken.None);
await Task.WhenAny(feed.Loaded, feeding);

var hub = LinkServer.CreateHub(mirror, new HubOptions { SettleMs = 0 }, TimeProvider.System);
var settings = new SessionSettings { Process = Guid.NewGuid().ToString("N"), Role = "controller" };
using var links = new LinkServer(mirror, hub, router, settings, TimeProvider.System, NullLogger<LinkServer>.Instance);

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
await using var app = builder.Build();
app.MapNotifyLink(links, settings.Limits);
app.MapNotifyObjects(new ObjectsService(mirror, store, new ObjectsOptions(), TimeProvider.System, NullLogger<ObjectsService>.Instance));
await app.StartAsync();
Console.Out.WriteLine("listening grpc=" + new Uri(app.Urls.Single()).Authority);
await app.WaitForShutdownAsync();
