using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Hosts.Tests.Support;
using Notify.Server.Health;
using Notify.Server.Health.V1;

namespace Notify.Hosts.Tests;

/// <summary>Real processes: what is written at the controller reaches who needs it, and what nodes own comes up.</summary>
public sealed class TreeTests
{
    private static readonly string[] s_west = ["maps-west Ready maps-west.example"];
    private static readonly string[] s_east = ["maps-east Ready maps-east.example", "chess-east Ready chess-east.example"];

    [Fact]
    public async Task G6_Crm_MirrorsItsOwnCloudletAndWhatThatRefersTo()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var crm = await tree.AddCrmAsync("west");

        var expected = World.Ids(World.Small, World.Maps, World.West, World.Cluster(World.West), World.Inst("maps-west", World.Maps, World.West));
        await Eventually.SetAsync(expected, crm.StoredAsync, "objects at the resource manager");
    }

    [Fact]
    public async Task Crm_ReportsItsInstancesReady_AtTheControllerAndTheEngine()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var dme = await tree.AddDmeAsync();
        await tree.AddCrmAsync("west");
        await tree.AddCrmAsync("east");

        foreach (var node in new[] { tree.Controller, dme })
        {
            await Eventually.SetAsync([.. s_west, .. s_east], node.AppInstStatesAsync, "instances");
            await Eventually.SetAsync(["west Ready", "east Ready"], node.CloudletStatesAsync, "cloudlets");
        }

        await Eventually.SetAsync(
            ["top Controller", "dme Dme", "crm-west Crm", "crm-east Crm"],
            async () => [.. (await tree.Controller.ListAsync<Node>()).Select(node => $"{node.Key.Name} {node.Role}")],
            "nodes that the controller knows");
    }

    [Fact]
    public async Task G5_KilledCrm_IsFlushedEverywhere_AndIsBackAfterARestart()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var dme = await tree.AddDmeAsync();
        var west = await tree.AddCrmAsync("west");
        await tree.AddCrmAsync("east");
        await Eventually.SetAsync([.. s_west, .. s_east], dme.AppInstStatesAsync, "instances before");

        west.Signal("KILL");
        foreach (var node in new[] { tree.Controller, dme })
        {
            await Eventually.SetAsync(s_east, node.AppInstStatesAsync, "instances after the kill");
            await Eventually.SetAsync(["east Ready"], node.CloudletStatesAsync, "cloudlets after the kill");
        }

        await tree.AddCrmAsync("west");
        foreach (var node in new[] { tree.Controller, dme })
        {
            await Eventually.SetAsync([.. s_west, .. s_east], node.AppInstStatesAsync, "instances after the restart");
        }
    }

    [Fact]
    public async Task G5_CrmThatIsTerminated_IsFlushedAtOnce_WhateverTheGrace()
    {
        await using var tree = await Tree.StartAsync("--grace", "3600");
        await tree.Controller.PutAsync(World.All);
        var west = await tree.AddCrmAsync("west");
        await Eventually.SetAsync(s_west, tree.Controller.AppInstStatesAsync, "instances before");

        west.Signal("TERM");

        Assert.Equal(0, await west.ExitCodeAsync());
        await Eventually.SetAsync([], tree.Controller.AppInstStatesAsync, "instances after the goodbye");
    }

    [Fact]
    public async Task G5_CrmThatIsFrozen_IsFlushedAfterTheHeartbeatTimeout_AndIsBackWhenItGoesOn()
    {
        await using var tree = await Tree.StartAsync("--heartbeat-timeout", "1");
        await tree.Controller.PutAsync(World.All);
        var west = await tree.AddCrmAsync("west", "--heartbeat-timeout", "1");
        await Eventually.SetAsync(s_west, tree.Controller.AppInstStatesAsync, "instances before");

        west.Signal("STOP");
        await Eventually.SetAsync([], tree.Controller.AppInstStatesAsync, "instances while it is frozen");

        west.Signal("CONT");
        await Eventually.SetAsync(s_west, tree.Controller.AppInstStatesAsync, "instances after it went on");
    }

    [Fact]
    public async Task AppInstThatMoves_IsReportedByItsNewCloudletOnly()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var west = await tree.AddCrmAsync("west");
        await tree.AddCrmAsync("east");
        await Eventually.SetAsync([.. s_west, .. s_east], tree.Controller.AppInstStatesAsync, "instances before");

        await tree.Controller.PutAsync(World.Inst("maps-west", World.Maps, World.East));

        await Eventually.SetAsync(
            ["maps-west east", "maps-east east", "chess-east east"],
            async () => [.. (await tree.Controller.ListAsync<AppInstInfo>()).Select(info => $"{info.Key.Name} {info.CloudletKey.Name}")],
            "who reports which instance");
        await Eventually.SetAsync(
            World.Ids(World.Small, World.West, World.Cluster(World.West)), west.StoredAsync, "objects at the old cloudlet, the app gone with its last instance");
    }

    [Fact]
    public async Task Counters_OfEveryHost_SayWhatWasSentAndReceived()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var crm = await tree.AddCrmAsync("west");
        await Eventually.SetAsync(s_west, tree.Controller.AppInstStatesAsync, "instances");
        LinkCounters above = new(), below = new();
        await Eventually.EqualAsync(
            true,
            async () =>
            {
                (below, above) = ((await crm.StatusAsync()).Counters, (await tree.Controller.StatusAsync()).Counters);
                return above.Received == below.Sent && below.Sent >= 4;
            },
            "what was sent up has arrived");

        // Down: two cloudlet objects, an instance, its app and flavor. Up: the node, and the states that the three reports went through.
        Assert.Equal((5L, 1L, 1L), (above.Sent, above.Sessions, below.Sessions));
        Assert.Equal((5L, 0L, 1L), (below.Received, below.Removed, below.FullSyncs));
        Assert.InRange(below.Sent, 4, 10);

        await tree.Controller.DeleteAsync(World.Inst("maps-west", World.Maps, World.West));
        await Eventually.SetAsync(World.Ids(World.Small, World.West, World.Cluster(World.West)), crm.StoredAsync, "objects without the instance");
        (above, below) = ((await tree.Controller.StatusAsync()).Counters, (await crm.StatusAsync()).Counters);
        Assert.Equal((7L, 2L), (above.Sent, below.Removed)); // The instance, and the app with it.
    }

    [Fact]
    public async Task EveryHost_ServesStatusHealthAndReads_AndOnlyTheControllerWrites()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var crm = await tree.AddCrmAsync("west");
        var dme = await tree.AddDmeAsync();
        foreach (var node in new[] { tree.Controller, crm, dme })
        {
            await Eventually.EqualAsync(true, async () => (await node.StatusAsync()).Synced, "synced");
        }

        var status = await tree.Controller.StatusAsync();
        Assert.Equal(("top", "controller"), (status.Name, status.Role));
        Assert.Equal(["crm-west crm", "dme dme"], status.Sessions.Select(session => $"{session.Peer} {session.Role}").Order());
        Assert.Equal(status.Spaces[0].Space, (await dme.StatusAsync()).Spaces[0].Space);
        var upstream = (await crm.StatusAsync()).Upstream;
        Assert.Equal((UpstreamStatus.Types.State.Synced, "top", tree.Controller.Address), (upstream.State, upstream.Peer, upstream.Address));
        foreach (var node in new[] { tree.Controller, crm, dme })
        {
            var health = await node.Channel.UnaryAsync(HealthMethods.Check, new HealthCheckRequest());
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
            Assert.Contains(World.Maps, await node.ListAsync<App>());
        }

        var refused = await NodeCalls.StatusOfAsync(() => crm.PutAsync(World.Small));
        Assert.Equal(GrpcStatusCode.FailedPrecondition, refused.Code);
        Assert.Contains(tree.Controller.Address, refused.Detail, StringComparison.Ordinal);
    }
}
