using Notify.Core.Transport;
using Notify.Edge;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>Matching from the engine's own mirror.</summary>
public sealed class FindCloudletTests
{
    private static readonly (double Latitude, double Longitude) s_berlin = (52.5, 13.4);
    private static readonly (double Latitude, double Longitude) s_madrid = (40.4, -3.7);

    [Fact]
    public async Task FindCloudlet_GivesTheNearestHealthyInstance_AndGoesOnWithoutAnyController()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var dme = await tree.AddDmeAsync();
        await tree.AddCrmAsync("west");
        await tree.AddCrmAsync("east");
        await Eventually.SetAsync(["west Ready", "east Ready"], dme.CloudletStatesAsync, "cloudlets");
        await Eventually.EqualAsync(3, async () => (await dme.AppInstStatesAsync()).Count(state => state.Contains(" Ready ", StringComparison.Ordinal)), "ready instances");

        var berlin = await dme.FindAsync(World.Maps.Key, s_berlin.Latitude, s_berlin.Longitude);
        Assert.Equal(("maps-east", "east", "maps-east.example"), (berlin.AppInstKey.Name, berlin.CloudletKey.Name, berlin.Uri));
        Assert.InRange(berlin.DistanceKm, 510, 530); // Berlin to Warsaw is about 520 km.
        var madrid = await dme.FindAsync(World.Maps.Key, s_madrid.Latitude, s_madrid.Longitude);
        Assert.Equal("maps-west", madrid.AppInstKey.Name);

        tree.Controller.Signal("KILL");
        await Eventually.EqualAsync(
            false, async () => (await dme.StatusAsync()).Upstream.State == Core.Protocol.UpstreamStatus.Types.State.Synced, "link to the controller");
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(berlin, await dme.FindAsync(World.Maps.Key, s_berlin.Latitude, s_berlin.Longitude));
        }
    }

    [Fact]
    public async Task FindCloudlet_WithoutAHealthyInstance_SaysWhatIsWrongWithThem()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var dme = await tree.AddDmeAsync();
        await Eventually.EqualAsync(true, async () => (await dme.StatusAsync()).Synced, "synced");

        Assert.Equal(
            new GrpcStatus(GrpcStatusCode.NotFound, "No healthy instance of app acme/maps/1: 2 on cloudlets that are not ready."),
            await FailureAsync(dme, World.Maps.Key));
        Assert.Equal(
            new GrpcStatus(GrpcStatusCode.NotFound, "There is no app acme/mail/1."), await FailureAsync(dme, World.AppKey("mail")));
        Assert.Equal(GrpcStatusCode.InvalidArgument, (await FailureAsync(dme, new AppKey())).Code);
        Assert.Equal(GrpcStatusCode.InvalidArgument, (await FailureAsync(dme, World.Maps.Key, latitude: 91)).Code);
    }

    [Fact]
    public async Task FindCloudlet_FollowsACloudletThatIsLost()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var dme = await tree.AddDmeAsync();
        await tree.AddCrmAsync("west");
        var east = await tree.AddCrmAsync("east");
        await Eventually.EqualAsync("maps-east", () => NearestToBerlinAsync(dme), "nearest instance");

        east.Signal("KILL");

        await Eventually.EqualAsync("maps-west", () => NearestToBerlinAsync(dme), "nearest instance after the loss");
    }

    private static async Task<string> NearestToBerlinAsync(HostProcess dme)
    {
        try
        {
            return (await dme.FindAsync(World.Maps.Key, s_berlin.Latitude, s_berlin.Longitude)).AppInstKey.Name;
        }
        catch (GrpcException e) when (e.Code is GrpcStatusCode.NotFound or GrpcStatusCode.Unavailable)
        {
            return e.Status.Detail;
        }
    }

    private static Task<GrpcStatus> FailureAsync(HostProcess dme, AppKey app, double latitude = 0) =>
        NodeCalls.StatusOfAsync(() => dme.FindAsync(app, latitude, 0));
}
