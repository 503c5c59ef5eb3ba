using Notify.Edge;
using Notify.Hosts.Tests.Support;
using Notify.Testing.Etcd;

namespace Notify.Hosts.Tests;

/// <summary>Nodes whose upstream is lost without a word, and that go on at another.</summary>
public sealed class HandoverTests
{
    private static readonly string[] s_reports = [AppInstInfo.Descriptor.FullName, CloudletInfo.Descriptor.FullName];
    private static readonly string[] s_west = ["maps-west Ready maps-west.example"];
    private static readonly string[] s_east = ["maps-east Ready maps-east.example", "chess-east Ready chess-east.example"];

    [Fact]
    public async Task G5_LeafThatChangesRelays_WhileItsRelayIsFrozen_StaysWhereItIsWhenThatWakes()
    {
        await using var tree = await Tree.StartAsync("--heartbeat-timeout", "2");
        await tree.Controller.PutAsync(World.All);
        string[] alert = ["--heartbeat-timeout", "2"];
        var relays = new[] { await tree.AddRelayAsync(tree.Controller, "relay-1", alert), await tree.AddRelayAsync(tree.Controller, "relay-2", alert) };
        var west = await tree.AddCrmAsync(relays[0], "west", ["--upstream", relays[1].Address, .. alert]);
        var dme = await tree.AddDmeAsync(alert);
        await Eventually.SetAsync(s_west, dme.AppInstStatesAsync, "instances before");
        var held = await west.StoredAsync();
        var (frozen, other) = (await west.StatusAsync()).Upstream.Peer == "relay-1" ? (relays[0], "relay-2") : (relays[1], "relay-1");
        var name = other == "relay-2" ? "relay-1" : "relay-2";

        frozen.Signal("STOP");
        await Eventually.EqualAsync(other, async () => (await west.StatusAsync()).Upstream.Peer, "the relay of the resource manager");
        await tree.Controller.PutAsync(World.Inst("more-west", World.Maps, World.West));
        string[] after = [.. s_west, "more-west Ready more-west.example"];
        await Eventually.SetAsync(after, dme.AppInstStatesAsync, "instances while the relay is frozen");

        // What the frozen one still carries is older: when it wakes, it changes nothing and ends without the leaf.
        await using var top = await Witness.StartAsync(tree.Controller, s_reports);
        await using var side = await Witness.StartAsync(dme, s_reports);
        frozen.Signal("CONT");
        await Eventually.SetAsync(
            ["top", "relay-1", "relay-2", "crm-west", "dme"],
            async () => [.. (await tree.Controller.ListAsync<Node>()).Select(node => node.Key.Name)],
            "nodes after the relay woke");
        await Eventually.SetAsync([name], async () => [.. (await frozen.ListAsync<Node>()).Select(node => node.Key.Name)], "nodes at the relay that woke");
        await Eventually.SetAsync([], frozen.StoredAsync, "objects at the relay that woke");
        await tree.Controller.DeleteAsync(World.Inst("more-west", World.Maps, World.West));
        await Eventually.SetAsync(s_west, dme.AppInstStatesAsync, "instances after the relay woke");

        Assert.Equal(other, (await west.StatusAsync()).Upstream.Peer);
        Assert.Equal(held, await west.StoredAsync());
        Assert.All(top.Gone.Concat(side.Gone), gone => Assert.Contains("more-west", gone, StringComparison.Ordinal));
    }

    [Fact]
    public async Task G5_ControllersOverOneEtcd_ShowEachOthersReports_AndFlushOnlyWhoDoesNotComeBack()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        await using var first = await StartAsync("first", etcd);
        await using var second = await StartAsync("second", etcd);
        await first.PutAsync(World.All);
        await using var west = await HostProcess.StartListeningAsync(
            "Notify.Crm", "--name", "crm-west", "--cloudlet", "oper/west", "--upstream", first.Address, "--upstream", second.Address);
        await Eventually.EqualAsync(true, async () => (await west.StatusAsync()).Synced, "the resource manager is synced");
        var (mine, other) = (await west.StatusAsync()).Upstream.Peer == "first" ? (first, second) : (second, first);
        await using var dme = await HostProcess.StartListeningAsync("Notify.Dme", "--name", "dme", "--upstream", other.Address);
        var east = await StartEastAsync(mine);
        await HasAsync([.. s_west, .. s_east], "west", "east");

        // Killed below the one, gone at the other, and back.
        east.Signal("KILL");
        await HasAsync(s_west, "west");
        await east.DisposeAsync();
        await using var again = await StartEastAsync(mine);
        await HasAsync([.. s_west, .. s_east], "west", "east");

        // The controller goes: the one node finds the other, and nobody sees anything of it. The other node has nowhere to go, and when the
        // lease is over what it published goes, and only that.
        await using var seen = await Witness.StartAsync(dme, s_reports);
        mine.Signal("KILL");
        await HasAsync(s_west, "west");
        await Eventually.EqualAsync(await NameAsync(other), async () => (await west.StatusAsync()).Upstream.Peer, "the controller of the resource manager");
        var last = await other.PutAsync(World.Inst("more-west", World.Maps, World.West));
        await HasAsync([.. s_west, "more-west Ready more-west.example"], "west");

        Assert.Equal(3, seen.Gone.Count);
        Assert.All(seen.Gone, gone => Assert.Contains("east", gone, StringComparison.Ordinal));
        Assert.True(last.Revision > 0);

        async Task HasAsync(string[] instances, params string[] cloudlets)
        {
            await Eventually.SetAsync(instances, dme.AppInstStatesAsync, "instances at the other controller's engine");
            await Eventually.SetAsync(cloudlets.Select(name => name + " Ready"), dme.CloudletStatesAsync, "cloudlets at the other controller's engine");
        }
    }

    private static async Task<string> NameAsync(HostProcess node) => (await node.StatusAsync()).Name;

    private static Task<HostProcess> StartEastAsync(HostProcess upstream) => HostProcess.StartListeningAsync(
        "Notify.Crm", "--name", "crm-east", "--cloudlet", "oper/east", "--upstream", upstream.Address);

    private static Task<HostProcess> StartAsync(string name, EtcdProcess etcd) => HostProcess.StartListeningAsync(
        "Notify.Controller", "--name", name, "--listen", "127.0.0.1:0", "--settle", "0", "--grace", "1", "--lease-ttl", "2", "--store", "etcd", "--etcd", etcd.Address.ToString());
}
