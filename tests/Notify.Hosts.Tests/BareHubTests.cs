using Google.Protobuf;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>A hub that has no generated code of any message.</summary>
public sealed class BareHubTests
{
    [Fact]
    public async Task Hub_WithoutMessageAssemblies_MirrorsAllTypesBothWays()
    {
        var types = Path.GetTempFileName();
        await File.WriteAllBytesAsync(types, Descriptors.OfEdge().ToByteArray());
        await using var hub = await HostProcess.StartListeningAsync("Notify.BareHub", types);
        File.Delete(types);
        await hub.PutAsync(World.All);
        await using var dme = await HostProcess.StartListeningAsync("Notify.Dme", "--name", "dme", "--upstream", hub.Address);
        await using var crm = await HostProcess.StartListeningAsync(
            "Notify.Crm", "--name", "crm-west", "--cloudlet", "oper/west", "--upstream", hub.Address);

        await Eventually.SetAsync(
            World.Ids(World.Small, World.Maps, World.West, World.Cluster(World.West), World.Inst("maps-west", World.Maps, World.West)),
            crm.StoredAsync, "objects at the resource manager");
        foreach (var node in new[] { hub, dme })
        {
            await Eventually.SetAsync(["maps-west Ready maps-west.example"], node.AppInstStatesAsync, "instances");
        }

        await hub.PutAsync(World.Inst("maps-west", World.Chess, World.West));
        await Eventually.SetAsync(
            World.Ids(World.Small, World.Chess, World.West, World.Cluster(World.West), World.Inst("maps-west", World.Chess, World.West)),
            crm.StoredAsync, "objects after the instance refers to another app");

        var loaded = (await File.ReadAllLinesAsync($"/proc/{hub.Id}/maps")).Select(line => Path.GetFileName(line.Split(' ')[^1])).ToHashSet();
        Assert.Equal(
            ["Notify.BareHub.dll", "Notify.Core.dll", "Notify.Server.dll", "Notify.Storage.dll"],
            loaded.Where(name => name.StartsWith("Notify.", StringComparison.Ordinal) && name.EndsWith(".dll", StringComparison.Ordinal)).Order());
    }
}
