using Notify.Edge;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>What a resource manager makes of the objects of its cloudlet.</summary>
public sealed class ReconcilerTests
{
    private static readonly string[] s_ready = ["maps-west Ready maps-west.example"];

    [Fact]
    public async Task AppInst_WithoutItsApp_IsAnErrorWithAnAlert_UntilTheAppIsThere()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.Small, World.West, World.Inst("maps-west", World.Maps, World.West));
        await tree.AddCrmAsync("west");

        await Eventually.SetAsync(["maps-west Error "], tree.Controller.AppInstStatesAsync, "instances without the app");
        await Eventually.SetAsync(["AppInstFailed AppInst:acme/maps-west"], tree.Controller.AlertsAsync, "alerts without the app");
        Assert.Equal(1u, (await tree.Controller.ListAsync<CloudletInfo>()).Single().AppInstsFailed);

        await tree.Controller.PutAsync(World.Maps);
        await Eventually.SetAsync(s_ready, tree.Controller.AppInstStatesAsync, "instances with the app");
        await Eventually.SetAsync([], tree.Controller.AlertsAsync, "alerts with the app");
    }

    [Fact]
    public async Task AppInst_WithoutItsFlavor_IsAnErrorThatNamesTheFlavor()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.Maps, World.West, World.Inst("maps-west", World.Maps, World.West));
        await tree.AddCrmAsync("west");

        await Eventually.SetAsync(["maps-west Error "], tree.Controller.AppInstStatesAsync, "instances without the flavor");
        Assert.Equal(["There is no Flavor small."], (await tree.Controller.ListAsync<AppInstInfo>()).Single().Errors);
    }

    [Fact]
    public async Task AppInst_ThatItsOwnerWantsGone_IsWithdrawn_AndComesBackWhenWantedAgain()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        await tree.AddCrmAsync("west");
        await Eventually.SetAsync(s_ready, tree.Controller.AppInstStatesAsync, "instances before");

        var inst = World.Inst("maps-west", World.Maps, World.West);
        inst.State = AppInstState.Deleting;
        await tree.Controller.PutAsync(inst);
        await Eventually.SetAsync([], tree.Controller.AppInstStatesAsync, "instances that are wanted gone");

        inst.State = AppInstState.Requested;
        await tree.Controller.PutAsync(inst);
        await Eventually.SetAsync(s_ready, tree.Controller.AppInstStatesAsync, "instances that are wanted again");
    }

    [Fact]
    public async Task Cloudlet_ThatIsMissing_IsAnErrorWithAnAlert_AndInMaintenanceItSaysSo()
    {
        await using var tree = await Tree.StartAsync();
        await tree.AddCrmAsync("west");
        await Eventually.SetAsync(["west Error"], tree.Controller.CloudletStatesAsync, "cloudlets before there is one");
        await Eventually.SetAsync(["CloudletMissing "], tree.Controller.AlertsAsync, "alerts before there is one");

        await tree.Controller.PutAsync(World.West);
        await Eventually.SetAsync(["west Ready"], tree.Controller.CloudletStatesAsync, "cloudlets");
        await Eventually.SetAsync([], tree.Controller.AlertsAsync, "alerts");
        Assert.Equal(World.West.Location, (await tree.Controller.ListAsync<CloudletInfo>()).Single().Location);

        var closed = World.West.Clone();
        closed.MaintenanceState = MaintenanceState.UnderMaintenance;
        await tree.Controller.PutAsync(closed);
        await Eventually.SetAsync(["west Maintenance"], tree.Controller.CloudletStatesAsync, "cloudlets in maintenance");
    }

    [Fact]
    public async Task Pool_OfACloudlet_IsReportedWithTheMachinesThatClustersTake()
    {
        await using var tree = await Tree.StartAsync();
        var cloudlet = World.West.Clone();
        cloudlet.VmPool = "pool";
        var cluster = World.Cluster(cloudlet);
        (cluster.Nodes, cluster.Masters) = (1, 1);
        var pool = new VMPool { Key = new VMPoolKey { Organization = "oper", Name = "pool" } };
        pool.Vms.Add(new[] { "a", "b", "c" }.Select(name => new VM { Name = name }));
        await tree.Controller.PutAsync(World.Small, pool, cloudlet, cluster);
        await tree.AddCrmAsync("west");

        await Eventually.SetAsync(
            ["a InUse", "b InUse", "c Free"],
            async () => [.. (await tree.Controller.ListAsync<VMPoolInfo>()).SelectMany(info => info.Vms).Select(machine => $"{machine.Name} {machine.State}")],
            "machines");
        await Eventually.SetAsync(
            ["shared Ready"],
            async () => [.. (await tree.Controller.ListAsync<ClusterInstInfo>()).Select(info => $"{info.Key.Name} {info.State}")],
            "clusters");
    }
}
