using Notify.Edge;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>Real processes at four levels: a controller, a relay, a relay below that, and leaves below the latter.</summary>
public sealed class RelayTests
{
    private static readonly string[] s_west = ["maps-west Ready maps-west.example"];
    private static readonly string[] s_east = ["maps-east Ready maps-east.example", "chess-east Ready chess-east.example"];

    [Fact]
    public async Task G1_TwoRelaysDeep_StoredObjectsComeDownAndReportsGoUp()
    {
        await using var tree = await Tree.StartAsync();
        var (upper, lower) = await tree.LoadAboveTwoRelaysAsync();
        var dme = await tree.AddDmeAsync(lower);
        var west = await tree.AddCrmAsync(lower, "west");
        await tree.AddCrmAsync(upper, "east");

        var expected = World.Ids(World.Small, World.Maps, World.West, World.Cluster(World.West), World.Inst("maps-west", World.Maps, World.West));
        await Eventually.SetAsync(expected, west.StoredAsync, "objects at the resource manager");
        foreach (var node in new[] { tree.Controller, upper, dme })
        {
            await Eventually.SetAsync([.. s_west, .. s_east], node.AppInstStatesAsync, "instances");
        }

        await Eventually.SetAsync(
            ["top Controller", "relay-1 Relay", "relay-2 Relay", "dme Dme", "crm-west Crm", "crm-east Crm"],
            async () => [.. (await tree.Controller.ListAsync<Node>()).Select(node => $"{node.Key.Name} {node.Role}")],
            "nodes that the controller knows");
    }

    [Fact]
    public async Task G5_LeafTwoRelaysDeep_Killed_IsFlushedAtEveryLevel_AndWhatOnlyItNeededLeaves()
    {
        await using var tree = await Tree.StartAsync();
        var (upper, lower) = await tree.LoadAboveTwoRelaysAsync();
        var west = await tree.AddCrmAsync(lower, "west");
        await tree.AddCrmAsync(upper, "east");
        await Eventually.SetAsync([.. s_west, .. s_east], tree.Controller.AppInstStatesAsync, "instances before");
        Assert.NotEmpty(await lower.StoredAsync());

        west.Signal("KILL");

        await Eventually.SetAsync(s_east, tree.Controller.AppInstStatesAsync, "instances at the controller after the kill");
        await Eventually.SetAsync(
            ["relay-1", "relay-2", "crm-east"],
            async () => [.. (await upper.ListAsync<Node>()).Select(node => node.Key.Name).Except(["top"])],
            "nodes at the upper relay after the kill");
        await Eventually.SetAsync([], lower.StoredAsync, "objects at the lower relay after the kill");
    }

    [Fact]
    public async Task G4_RelayThatIsKilled_LosesItsLeavesNothing_AndAllIsBackAfterARestart()
    {
        await using var tree = await Tree.StartAsync();
        var (upper, lower) = await tree.LoadAboveTwoRelaysAsync();
        var west = await tree.AddCrmAsync(lower, "west");
        await Eventually.SetAsync(s_west, tree.Controller.AppInstStatesAsync, "instances before");
        var held = await west.StoredAsync();

        lower.Signal("KILL");
        await Eventually.SetAsync([], tree.Controller.AppInstStatesAsync, "instances while the relay is gone");
        Assert.Equal(held, await west.StoredAsync());

        await tree.AddRelayAsync(upper, "relay-2", "--listen", lower.Address);
        await Eventually.SetAsync(s_west, tree.Controller.AppInstStatesAsync, "instances after the restart");
        await Eventually.SetAsync(held, west.StoredAsync, "objects at the resource manager after the restart");
    }
}
