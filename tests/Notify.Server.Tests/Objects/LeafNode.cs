using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Client.Links;
using Notify.Client.Transport;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Server.Objects;
using MirrorSpace = Notify.Core.Journal.Space;

namespace Notify.Server.Tests.Objects;

/// <summary>A node below an <see cref="ObjectsNode"/>, with an interest in one cloudlet and an object API of its own.</summary>
internal sealed class LeafNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly UpstreamLink _link;

    private LeafNode(WebApplication app, UpstreamLink link, Mirror mirror, MessageRouter router)
    {
        (_app, _link, Mirror, Router) = (app, link, mirror, router);
        Client = new GrpcChannel(new Uri(app.Urls.Single()));
    }

    public GrpcChannel Client { get; }

    public Mirror Mirror { get; }

    public MessageRouter Router { get; }

    public static async Task<LeafNode> StartAsync(ObjectsNode upstream, string name, string cloudlet, bool connects = true)
    {
        var table = new TypeTable();
        table.Register(EdgeTypes.All);
        var mirror = new Mirror(table, new MirrorOptions { Node = name, DynamicSpace = new MirrorSpace(name, "1") });
        mirror.SetInterest(Interest.None.WithScope(
            ObjectsNode.CloudletKey(cloudlet), EdgeTypes.All.Where(type => type.Declaration.Kind == TypeKind.Stored)));
        var router = new MessageRouter(mirror);
        var options = new UpstreamLinkOptions
        {
            Addresses = [upstream.Client.Address],
            Settings = new SessionSettings { Process = name, Role = "test", Limits = ObjectsNode.LinkLimits },
        };
        var random = new Random(1);
        var link = new UpstreamLink(mirror, router, options, random.NextDouble, TimeProvider.System, NullLogger<UpstreamLink>.Instance);
        var service = new ObjectsService(
            mirror, null, new ObjectsOptions { WriteAt = upstream.Client.Address.ToString() }, TimeProvider.System, NullLogger<ObjectsService>.Instance);
        var app = await GrpcHost.StartAsync(endpoints => endpoints.MapNotifyObjects(service));
        if (connects)
        {
            link.Start();
        }

        return new LeafNode(app, link, mirror, router);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _link.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
