using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Notify.Client.Transport;
using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Server.Status;

namespace Notify.Server.Tests.Status;

public sealed class StatusServiceTests
{
    private readonly CancellationToken _deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
    private readonly Mirror _mirror;

    public StatusServiceTests()
    {
        var types = new TypeTable();
        types.Register(EdgeTypes.All);
        _mirror = new Mirror(types, new MirrorOptions { Node = "test", DynamicSpace = new Core.Journal.Space("test", "1") });
    }

    [Fact]
    public async Task Get_ShowsSpacesTypesAndCounters()
    {
        await using var node = await StartAsync();
        using var client = new GrpcChannel(new Uri(node.Urls.Single()));
        _mirror.LoadStore(new Core.Journal.Space("store", "7"), revision: 12, [EnvelopeOf(new Flavor { Key = new() { Name = "small" } }, 9)]);
        _mirror.ApplyStoreCommit(14, [EnvelopeOf(new Flavor { Key = new() { Name = "large" } }, 14)], []);
        var status = await client.UnaryAsync(StatusMethods.Get, new GetStatusRequest(), cancellationToken: _deadline);

        Assert.Equal(("test", "controller"), (status.Name, status.Role));
        var stored = status.Spaces.Single(space => space.Space.Kind == SpaceKind.Stored);
        Assert.Equal(("store", "7", 14, 20, 12), (stored.Space.Id, stored.Space.Incarnation, stored.Revision, stored.Head, stored.Floor));
        Assert.Equal("test", status.Spaces.Single(space => space.Space.Kind == SpaceKind.Dynamic).Space.Id);
        var flavor = status.Types_.Single(type => type.Name == "edge.v1.Flavor");
        Assert.Equal((2, SpaceKind.Stored, true), (flavor.Objects, flavor.Space, flavor.Registered));
        Assert.Equal(SpaceKind.Dynamic, status.Types_.Single(type => type.Name == "edge.v1.Alert").Space);
        Assert.NotNull(status.Counters);
    }

    [Fact]
    public async Task Get_BeforeTheFirstContactWithAStore_HasNoStoredSpace()
    {
        await using var node = await StartAsync();
        using var client = new GrpcChannel(new Uri(node.Urls.Single()));
        var status = await client.UnaryAsync(StatusMethods.Get, new GetStatusRequest(), cancellationToken: _deadline);
        Assert.Equal(SpaceKind.Dynamic, Assert.Single(status.Spaces).Space.Kind);
    }

    [Fact]
    public async Task Watch_ShowsTheStateAndThenEachDifference()
    {
        await using var node = await StartAsync();
        using var client = new GrpcChannel(new Uri(node.Urls.Single()));
        var request = new WatchStatusRequest { Interval = new Duration { Nanos = 1 } };
        await using var watch = client.ServerStreaming(StatusMethods.Watch, request, cancellationToken: _deadline);
        var first = await watch.ReadAsync(_deadline);
        _mirror.LoadStore(new Core.Journal.Space("store", "7"), revision: 12, []);
        var second = await watch.ReadAsync(_deadline);

        Assert.Single(first.Spaces);
        Assert.Equal(12, second.Spaces.Single(space => space.Space.Kind == SpaceKind.Stored).Revision);
    }

    private static Envelope EnvelopeOf(Flavor flavor, long revision) =>
        EdgeTypes.All.Single(type => type.Name == "edge.v1.Flavor").Read(flavor.ToByteString()) with { Revision = revision };

    private Task<WebApplication> StartAsync() =>
        GrpcHost.StartAsync(endpoints => endpoints.MapNotifyStatus(new StatusService(Capture, TimeProvider.System)));

    private NodeStatus Capture()
    {
        var status = new NodeStatus { Name = "test", Role = "controller" };
        MirrorStatus.AddTo(status, _mirror, storedHead: 20);
        return status;
    }
}
