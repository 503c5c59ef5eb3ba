using Google.Protobuf;
using Notify.Edge;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>
/// Seven processes: a controller, a relay with two matching engines and a relay with two resource managers. Each node is checked for exactly the
/// keys it is to have, of every type.
/// </summary>
public sealed class ScenarioTests : IAsyncLifetime
{
    private static readonly VMPool s_pool = new() { Key = new VMPoolKey { Organization = "oper", Name = "pool" }, Vms = { new VM { Name = "vm-1" } } };
    private static readonly GPUDriver s_driver = new() { Key = new GPUDriverKey { Organization = "oper", Name = "driver" } };
    private static readonly Cloudlet s_west = new(World.West) { VmPool = "pool", GpuDriver = s_driver.Key };
    private static readonly Cloudlet s_east = new(World.East) { VmPool = "pool", GpuDriver = s_driver.Key };
    private static readonly Cloudlet s_south = new(World.West) { Key = Key("south") };
    private static readonly IMessage[] s_both = [World.Small, World.Maps];
    private static readonly IMessage[] s_ofWest = [.. s_both, World.West, World.Cluster(World.West), Inst("maps-west")];
    private static readonly IMessage[] s_ofEast = [.. s_both, World.Chess, World.East, World.Cluster(World.East), Inst("maps-east"), Inst("chess-east")];
    private static readonly IMessage[] s_ofEngines = [World.Maps, World.Chess, Inst("maps-west"), Inst("maps-east"), Inst("chess-east")];
    private static readonly IMessage[] s_beyond = [s_pool, s_driver];

    private readonly Dictionary<string, HostProcess> _nodes = [];
    private Tree _tree = null!; // Set by InitializeAsync.

    public async Task InitializeAsync()
    {
        _tree = await Tree.StartAsync();
        _nodes["top"] = _tree.Controller;
        foreach (var relay in (string[])["relay-dme", "relay-crm"])
        {
            _nodes[relay] = await _tree.AddRelayAsync(_tree.Controller, relay);
        }

        foreach (var dme in (string[])["dme-1", "dme-2"])
        {
            _nodes[dme] = await _tree.AddDmeAsync(dme, _nodes["relay-dme"]);
        }

        foreach (var cloudlet in (string[])["west", "east"])
        {
            _nodes["crm-" + cloudlet] = await _tree.AddCrmAsync(_nodes["relay-crm"], cloudlet);
        }
    }

    public async Task DisposeAsync() => await _tree.DisposeAsync();

    [Fact]
    public async Task G6_TreeOfSevenNodes_HasExactlyTheKeysThatItShould_ThroughItsLife()
    {
        // Started, with an empty store: resource managers say that their cloudlets are missing.
        IMessage[] missing = [Missing("west"), Missing("east")];
        await HasAsync("start", [], [], [], [], [Info("west"), Info("east")], missing);

        // Loaded. The pool and the driver are in the store, and nobody refers to them. What resource managers publish goes up, and down again to the engines.
        await _tree.Controller.PutAsync([.. s_beyond, .. World.All]);
        await HasAsync("load", [.. World.All, .. s_beyond], s_ofEngines, s_ofWest, s_ofEast, Infos("west", "east"), Clusters("west", "east"));

        foreach (var (name, node) in _nodes)
        {
            Assert.True((await node.PositionAsync()).Synced, $"{name} has everything and does not say so.");
        }

        // Referred to by one cloudlet, then by the other: they are where the reference is.
        IMessage[] poolWest = [PoolInfo("west")], poolEast = [PoolInfo("east")];
        await _tree.Controller.PutAsync(s_west);
        await HasAsync(
            "pool in the west", [.. World.All, .. s_beyond], s_ofEngines, [.. s_ofWest, .. s_beyond], s_ofEast, Infos("west", "east"), [.. Clusters("west", "east"), .. poolWest]);
        await _tree.Controller.PutAsync(World.West, s_east);
        await HasAsync(
            "pool in the east", [.. World.All, .. s_beyond], s_ofEngines, s_ofWest, [.. s_ofEast, .. s_beyond], Infos("west", "east"), [.. Clusters("west", "east"), .. poolEast]);

        // A leaf is lost: what it published goes everywhere, and what only it needed goes at its relay.
        var west = _nodes["crm-west"];
        west.Signal("KILL");
        _nodes.Remove("crm-west");
        await HasAsync("leaf lost", [.. World.All, .. s_beyond], s_ofEngines, [], [.. s_ofEast, .. s_beyond], Infos("east"), [.. Clusters("east"), .. poolEast]);

        _nodes["crm-west"] = await _tree.AddCrmAsync(_nodes["relay-crm"], "west");
        await HasAsync(
            "leaf back", [.. World.All, .. s_beyond], s_ofEngines, s_ofWest, [.. s_ofEast, .. s_beyond], Infos("west", "east"), [.. Clusters("west", "east"), .. poolEast]);

        // Deleted, all of it.
        foreach (var obj in World.All.Reverse().Concat(s_beyond))
        {
            await _tree.Controller.DeleteAsync(obj);
        }

        await HasAsync("deleted", [], [], [], [], [Info("west"), Info("east")], missing);
    }

    [Fact]
    public async Task G7_UnderConcurrentWriters_WhatIsReferredToIsThereFirst_InSyncAndInUpdates()
    {
        await _tree.Controller.PutAsync(World.Small, World.West, s_south);
        await using var engine = new ReferenceWitness(_nodes["dme-1"], hasFlavors: false);
        await using var manager = new ReferenceWitness(_nodes["crm-west"], hasFlavors: true);
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 3).Select(number => WriteAsync(number, stop.Token)).ToArray();
        await SeesAsync(60, engine, manager);

        // Their first syncs come in the middle of it.
        await using var lateEngine = new ReferenceWitness(await _tree.AddDmeAsync("dme-3", _nodes["relay-dme"]), hasFlavors: false);
        await using var lateManager = new ReferenceWitness(await _tree.AddCrmAsync(_nodes["relay-crm"], "south"), hasFlavors: true);
        await SeesAsync(60, lateEngine, lateManager);
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        foreach (var witness in new[] { engine, manager, lateEngine, lateManager })
        {
            Assert.Null(witness.Violation);
        }

        static async Task SeesAsync(int puts, params ReferenceWitness[] witnesses)
        {
            foreach (var witness in witnesses)
            {
                await Eventually.EqualAsync(true, () => Task.FromResult(witness.Puts >= puts || witness.Violation is not null), "enough instances were seen");
            }
        }
    }

    /// <summary>Creates an instance with all that it refers to, the instance first; deletes them later, the other way round.</summary>
    private async Task WriteAsync(int writer, CancellationToken cancellationToken)
    {
        for (var number = 0; !cancellationToken.IsCancellationRequested; number++)
        {
            var flavor = new Flavor { Key = new FlavorKey { Name = $"flavor-{writer}-{number}" }, RamMb = 1 };
            var app = new App { Key = World.AppKey($"app-{writer}-{number}"), DefaultFlavor = flavor.Key };
            var inst = World.Inst($"inst-{writer}-{number}", app, number % 2 == 0 ? World.West : s_south);
            await _tree.Controller.PutAsync(inst, app, flavor);
            await _tree.Controller.PutAsync(new AppInst(inst) { CloudletKey = number % 2 == 0 ? s_south.Key : World.West.Key });
            await _tree.Controller.RemoveAsync(flavor, app, inst);
        }
    }

    /// <summary>Waits until every node has exactly these.</summary>
    private async Task HasAsync(string phase, IMessage[] stored, IMessage[] engines, IMessage[] west, IMessage[] east, IMessage[] shared, IMessage[] dynamic)
    {
        // A relay has for its nodes what they ask for; that the reports go up by it as well shows only where they come down again.
        await IsAsync("top", [.. stored, .. shared, .. dynamic]);
        await IsAsync("relay-dme", [.. engines, .. shared]);
        await IsAsync("dme-1", [.. engines, .. shared]);
        await IsAsync("dme-2", [.. engines, .. shared]);
        await IsAsync("relay-crm", [.. west.Union(east), .. dynamic]);
        await IsAsync("crm-east", [.. east, .. Of("east")]);
        await IsAsync("crm-west", [.. west, .. Of("west")]);

        IEnumerable<IMessage> Of(string cloudlet) => shared.Concat(dynamic).Where(obj => CloudletOf(obj) == cloudlet);

        Task IsAsync(string name, IMessage[] expected) => _nodes.TryGetValue(name, out var node)
            ? Eventually.SetAsync(World.Ids(expected).Select(Text), async () => [.. (await node.KeysAsync()).Select(Text)], $"{phase}: {name}")
            : Task.CompletedTask;
    }

    private static string Text((string Type, ByteString Key) id) => $"{id.Type} {id.Key.ToStringUtf8().Trim()}";

    private static string CloudletOf(IMessage obj) => obj switch
    {
        CloudletInfo info => info.Key.Name,
        AppInstInfo info => info.CloudletKey.Name,
        ClusterInstInfo info => info.Key.CloudletKey.Name,
        VMPoolInfo info => info.CloudletKey.Name,
        Alert alert => alert.Key.CloudletKey.Name,
        _ => "",
    };

    private static AppInst Inst(string name) => new() { Key = World.InstKey(name) };

    private static CloudletKey Key(string cloudlet) => new() { Organization = "oper", Name = cloudlet };

    private static CloudletInfo Info(string cloudlet) => new() { Key = Key(cloudlet) };

    private static Alert Missing(string cloudlet) => new() { Key = new AlertKey { Name = "CloudletMissing", CloudletKey = Key(cloudlet) } };

    private static VMPoolInfo PoolInfo(string cloudlet) => new() { Key = s_pool.Key, CloudletKey = Key(cloudlet) };

    private static IMessage[] Clusters(params string[] cloudlets) =>
        [.. cloudlets.Select(name => new ClusterInstInfo { Key = World.Cluster(name == "west" ? World.West : World.East).Key })];

    private static IMessage[] Infos(params string[] cloudlets) =>
    [
        .. cloudlets.Select(Info),
        .. World.All.OfType<AppInst>().Where(inst => cloudlets.Contains(inst.CloudletKey.Name)).Select(inst => new AppInstInfo { Key = inst.Key, CloudletKey = inst.CloudletKey }),
    ];
}
