using System.Diagnostics;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Hosts.Tests.Support;
using Notify.Testing.Etcd;

namespace Notify.Hosts.Tests;

/// <summary>Nodes that stop on purpose: those below go elsewhere before that.</summary>
public sealed class DrainTests
{
    private static readonly string[] s_west = ["maps-west Ready maps-west.example"];
    private static readonly string[] s_stored =
        [.. new[] { App.Descriptor, AppInst.Descriptor, Cloudlet.Descriptor, ClusterInst.Descriptor, Flavor.Descriptor }.Select(type => type.FullName)];

    /// <summary>A line of the log: the time was over before all had left.</summary>
    private static readonly Predicate<string> s_isCut = line => line.Contains("have not within", StringComparison.Ordinal);

    private static readonly string[] s_reports = [AppInstInfo.Descriptor.FullName, CloudletInfo.Descriptor.FullName, Node.Descriptor.FullName];

    [Fact]
    public async Task G5_RelayThatIsToldToStop_IsLeftForAnother_WithoutAFlapAtTheTop()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var relays = new[] { await tree.AddRelayAsync(tree.Controller, "relay-1"), await tree.AddRelayAsync(tree.Controller, "relay-2") };
        var west = await tree.AddCrmAsync(relays[0], "west", "--upstream", relays[1].Address);
        var dme = await tree.AddDmeAsync();
        foreach (var node in new[] { tree.Controller, dme })
        {
            await Eventually.SetAsync(s_west, node.AppInstStatesAsync, "instances before");
        }

        var peer = (await west.StatusAsync()).Upstream.Peer;
        var (stopped, left) = peer == "relay-1" ? (relays[0], "relay-2") : (relays[1], "relay-1");
        await using var top = await Witness.StartAsync(tree.Controller, AppInstInfo.Descriptor.FullName, CloudletInfo.Descriptor.FullName);
        await using var side = await Witness.StartAsync(dme, AppInstInfo.Descriptor.FullName, CloudletInfo.Descriptor.FullName);
        stopped.Signal("TERM");

        Assert.Equal(0, await stopped.ExitCodeAsync());
        Assert.DoesNotContain(stopped.Errors, s_isCut);
        Assert.Equal(left, (await west.StatusAsync()).Upstream.Peer);
        Assert.DoesNotContain(west.Errors, line => line.Contains(" ERR ", StringComparison.Ordinal));
        await Eventually.SetAsync(["top", left, "crm-west", "dme"], async () => [.. (await tree.Controller.ListAsync<Node>()).Select(node => node.Key.Name)], "nodes");
        foreach (var node in new[] { tree.Controller, dme })
        {
            await Eventually.SetAsync(s_west, node.AppInstStatesAsync, "instances after");
        }

        Assert.Empty(top.Gone);
        Assert.Empty(side.Gone);
    }

    [Fact]
    public async Task G5_RelayWhoseRelayIsToldToStop_GoesToAnotherWithAllBelowIt_WithoutAFlap()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var relays = new[] { await tree.AddRelayAsync(tree.Controller, "relay-1"), await tree.AddRelayAsync(tree.Controller, "relay-2") };
        var between = await tree.AddRelayAsync(relays[0], "between", "--upstream", relays[1].Address);
        var west = await tree.AddCrmAsync(between, "west");
        var dme = await tree.AddDmeAsync(between);
        foreach (var node in new[] { tree.Controller, dme })
        {
            await Eventually.SetAsync(s_west, node.AppInstStatesAsync, "instances before");
        }

        await using var top = await Witness.StartAsync(tree.Controller, AppInstInfo.Descriptor.FullName, CloudletInfo.Descriptor.FullName);
        await using var below = await Witness.StartAsync(dme);
        await using var crm = await Witness.StartAsync(west);
        var (stopped, left) = (await between.StatusAsync()).Upstream.Peer == "relay-1" ? (relays[0], "relay-2") : (relays[1], "relay-1");
        stopped.Signal("TERM");

        Assert.Equal(0, await stopped.ExitCodeAsync());
        Assert.Equal(left, (await between.StatusAsync()).Upstream.Peer);
        var after = await tree.Controller.PutAsync(World.Inst("more-west", World.Maps, World.West));
        await Eventually.SetAsync([.. s_west, "more-west Ready more-west.example"], tree.Controller.AppInstStatesAsync, "instances after");
        Assert.Empty(top.Gone);
        Assert.Empty(below.Gone);
        Assert.Empty(crm.Gone);
        Assert.Equal(1, (await west.StatusAsync()).Counters.Sessions);
    }

    [Fact]
    public async Task NodesWithoutAnotherUpstream_AreNotWaitedFor()
    {
        await using var tree = await Tree.StartAsync("--drain", "60");
        await tree.AddDmeAsync();
        await Eventually.EqualAsync(1, async () => (await tree.Controller.StatusAsync()).Sessions.Count, "sessions");

        var clock = Stopwatch.StartNew();
        tree.Controller.Signal("TERM");

        Assert.Equal(0, await tree.Controller.ExitCodeAsync());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"It took {clock.Elapsed.TotalSeconds:0.0} s.");
    }

    [Fact]
    public async Task G4_RollingRestartOfAllControllers_UnderLoad_SendsNothingAgainAndFlushesNothing()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        var controllers = new Dictionary<string, HostProcess> { ["first"] = await StartAsync("first", etcd), ["second"] = await StartAsync("second", etcd) };
        await controllers["first"].PutAsync(World.All);
        string[] both = [.. controllers.Values.SelectMany(controller => new[] { "--upstream", controller.Address })];
        await using var relay = await HostProcess.StartListeningAsync(
            "Notify.Relay", ["--name", "relay", "--listen", "127.0.0.1:0", "--settle", "0", .. both]);
        await using var west = await HostProcess.StartListeningAsync("Notify.Crm", "--name", "crm-west", "--cloudlet", "oper/west", "--upstream", relay.Address);
        await using var below = await HostProcess.StartListeningAsync("Notify.Dme", "--name", "dme-below", "--upstream", relay.Address);
        await using var east = await HostProcess.StartListeningAsync("Notify.Crm", ["--name", "crm-east", "--cloudlet", "oper/east", .. both]);
        await using var dme = await HostProcess.StartListeningAsync("Notify.Dme", ["--name", "dme", .. both]);
        HostProcess[] nodes = [relay, west, below, east, dme];
        await SyncedAsync(nodes);
        await Eventually.EqualAsync(true, async () => (await below.AppInstStatesAsync()).Contains(s_west[0]), "the report of the resource manager below the relay");
        var before = await Task.WhenAll(nodes.Select(CountersAsync));
        var witnesses = await Task.WhenAll(nodes.Select(node => Witness.StartAsync(node, s_stored)));
        await using var reports = await Witness.StartAsync(below, s_reports);

        using var stop = new CancellationTokenSource();
        var writer = WriteAsync(() => [.. controllers.Values], stop.Token);
        foreach (var name in controllers.Keys.ToArray())
        {
            var stopped = controllers[name];
            stopped.Signal("TERM");
            Assert.Equal(0, await stopped.ExitCodeAsync());
            Assert.DoesNotContain(stopped.Errors, s_isCut);
            controllers[name] = await StartAsync(name, etcd, stopped.Address);
            await stopped.DisposeAsync();
            await SyncedAsync(nodes);
        }

        await stop.CancelAsync();
        Assert.True(await writer > 20, "There was hardly any load.");
        var last = await controllers["second"].PutAsync(World.Inst("last-west", World.Maps, World.West), World.Inst("last-east", World.Maps, World.East));
        foreach (var node in nodes)
        {
            // The store's revision may go on without a writer: its head is brought along when only others have written.
            await Eventually.EqualAsync(
                true,
                async () => (await node.StatusAsync()).Spaces.Single(space => space.Space.Kind == SpaceKind.Stored).Revision >= last.Revision,
                $"the stored revision at {node.Address}");
        }

        var after = await Task.WhenAll(nodes.Select(CountersAsync));
        Assert.Equal(before, after);
        Assert.All(witnesses, witness => Assert.Empty(witness.Gone));

        // Other nodes' reports are the controllers' own, and begin anew with each of them. What is below the relay stays.
        Assert.DoesNotContain(reports.Gone, gone => gone.Contains("west", StringComparison.Ordinal) || gone.Contains("dme-below", StringComparison.Ordinal));
        foreach (var one in witnesses.Select(witness => (IAsyncDisposable)witness).Concat(controllers.Values))
        {
            await one.DisposeAsync();
        }
    }

    private static Task<HostProcess> StartAsync(string name, EtcdProcess etcd, string listen = "127.0.0.1:0") => HostProcess.StartListeningAsync(
        "Notify.Controller", "--name", name, "--listen", listen, "--settle", "0", "--drain", "6", "--store", "etcd", "--etcd", etcd.Address.ToString());

    private static async Task SyncedAsync(IEnumerable<HostProcess> nodes)
    {
        foreach (var node in nodes)
        {
            await Eventually.EqualAsync(UpstreamStatus.Types.State.Synced, async () => (await node.StatusAsync()).Upstream.State, "the link upwards");
        }
    }

    /// <summary>Whole syncs of the store's objects, and what was sent again to nodes that ask for these only.</summary>
    private static async Task<(string Node, long FullSyncs, long Resent)> CountersAsync(HostProcess node)
    {
        var status = await node.StatusAsync();
        return (status.Name, status.Counters.StoredFullSyncs, status.Role == "crm" ? status.Counters.Resent : 0);
    }

    /// <summary>Writes one object after the other, at whichever controller is there, and returns how many were acknowledged.</summary>
    private static async Task<int> WriteAsync(Func<HostProcess[]> controllers, CancellationToken cancellationToken)
    {
        var (written, tried) = (0, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            var all = controllers();
            try
            {
                var inst = World.Inst($"load-{written % 20}", World.Maps, written % 2 == 0 ? World.West : World.East);
                inst.Uri = $"load-{written}.example";
                await all[tried++ % all.Length].PutAsync(inst);
                written++;
            }
            catch (Exception e) when (e is GrpcException or ObjectDisposedException)
            {
                // That one is being restarted.
            }
        }

        return written;
    }
}
