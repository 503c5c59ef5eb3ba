using Notify.Core.Transport;
using Notify.Edge;
using Notify.Hosts.Tests.Support;
using Notify.Testing.Etcd;

namespace Notify.Hosts.Tests;

/// <summary>Controllers over etcd.</summary>
public sealed class EtcdTests : IAsyncDisposable, IAsyncLifetime
{
    private readonly EtcdProcess _etcd = new();

    public Task InitializeAsync() => _etcd.StartAsync();

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    public ValueTask DisposeAsync() => _etcd.DisposeAsync();

    [Fact]
    public async Task Write_AtOneController_IsAtTheOtherAtTheSameRevision()
    {
        await using var first = await StartAsync("first");
        await using var second = await StartAsync("second");
        await using var dme = await HostProcess.StartListeningAsync("Notify.Dme", "--name", "dme", "--listen", "127.0.0.1:0", "--upstream", second.Address);
        var done = await first.PutAsync(World.All);

        foreach (var node in new[] { first, second, dme })
        {
            await Eventually.EqualAsync(done.Revision, () => RevisionAsync(node), "the stored revision");
            await Eventually.SetAsync(World.All.OfType<AppInst>(), node.ListAsync<AppInst>, "instances");
        }

        Assert.Equal(done.Space, (await second.PutAsync(World.Small)).Space);
    }

    [Fact]
    public async Task Node_WhoseControllerIsKilled_GoesOnAtTheOtherAndIsSentNothingThatItHas()
    {
        await using var first = await StartAsync("first");
        await using var second = await StartAsync("second");
        await using var dme = await HostProcess.StartListeningAsync(
            "Notify.Dme", "--name", "dme", "--listen", "127.0.0.1:0", "--upstream", first.Address, "--upstream", second.Address);
        var before = await first.PutAsync(World.All);
        foreach (var node in new[] { second, dme })
        {
            await Eventually.EqualAsync(before.Revision, () => RevisionAsync(node), "the stored revision");
        }

        var peer = (await dme.StatusAsync()).Upstream.Peer;
        var received = await ReceivedAsync(dme);
        var (lost, left) = peer == "first" ? (first, second) : (second, first);
        lost.Signal("KILL");
        var after = await left.PutAsync(World.Inst("another", World.Maps, World.West));
        await Eventually.EqualAsync(after.Revision, () => RevisionAsync(dme), "the stored revision");

        Assert.NotEqual(peer, (await dme.StatusAsync()).Upstream.Peer);
        Assert.Equal(received + 1, await ReceivedAsync(dme));
    }

    [Fact]
    public async Task Etcd_ThatIsKilled_LeavesReadsAndRefusesWritesAndIsUsedAgainWhenItIsBack()
    {
        await using var controller = await StartAsync("top");
        await controller.PutAsync(World.All);
        var stored = (await controller.StoredAsync()).Count;
        await _etcd.KillAsync();

        var refused = await NodeCalls.StatusOfAsync(() => controller.PutAsync(new Flavor(World.Small) { RamMb = 4711 }));
        Assert.Equal(GrpcStatusCode.Unavailable, refused.Code);
        Assert.Contains("The store is not available", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(stored, (await controller.StoredAsync()).Count);

        await _etcd.StartAsync();
        await controller.PutAsync(new Flavor(World.Small) { RamMb = 4711 });
        Assert.Equal(stored, (await controller.StoredAsync()).Count);
    }

    [Fact]
    public async Task Controller_ThatIsStartedAgain_HasWhatItHadAndServesItUnderTheSameIdentity()
    {
        var before = await WriteAndStopAsync();
        await using var controller = await StartAsync("top");
        var after = await controller.PutAsync(World.Small);

        Assert.Equal(before, after.Space);
        await Eventually.SetAsync(World.All.OfType<AppInst>(), controller.ListAsync<AppInst>, "instances");

        async Task<Core.Protocol.Space> WriteAndStopAsync()
        {
            await using var first = await StartAsync("top");
            return (await first.PutAsync(World.All)).Space;
        }
    }

    [Fact]
    public async Task NewIncarnation_EndsTheControllersThatHaveTheStoreOpen()
    {
        await using var controller = await StartAsync("top");
        var before = (await controller.PutAsync(World.All)).Space;
        await using var renew = HostProcess.Start("notifyctl", "store", "new-incarnation", "--etcd", _etcd.Address.ToString(), "--json");
        Assert.Equal(0, await renew.ExitCodeAsync());

        Assert.Equal(1, await controller.ExitCodeAsync());
        Assert.Contains(controller.Errors, line => line.Contains("Start this process again", StringComparison.Ordinal));
        await using var again = await StartAsync("top");
        var after = (await again.PutAsync(World.Small)).Space;
        Assert.Equal(before.Id, after.Id);
        Assert.NotEqual(before.Incarnation, after.Incarnation);
        Assert.Contains(renew.Output, line => line.Contains(after.Incarnation, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Options_ThatAreWrong_AreAllReportedTogether()
    {
        await using var controller = HostProcess.Start(
            "Notify.Controller", "--name", "x", "--store", "etcd", "--etcd", "ftp://a,b", "--etcd-prefix", "no", "--etcd-ca", "/nowhere/ca",
            "--etcd-key", "/nowhere/key", "--etcd-password-file", "/nowhere/password", "--object-bytes-max", "3000000", "--data-dir", "y");

        Assert.Equal(2, await controller.ExitCodeAsync());
        Assert.Equal(
            [
                "error: --data-dir: a store in etcd has no folder. Leave one of --data-dir and --store etcd.",
                "error: --etcd-ca /nowhere/ca: Could not find a part of the path '/nowhere/ca'.",
                "error: --etcd-cert, --etcd-key: one is given without the other.",
                "error: --etcd-password-file /nowhere/password: Could not find a part of the path '/nowhere/password'.",
                "error: --etcd-prefix: 'no' is not printable ASCII that ends in a slash.",
                "error: --etcd: 'b' is not of the form http://host:port or https://host:port.",
                "error: --etcd: 'ftp://a' is not of the form http://host:port or https://host:port.",
                "error: --object-bytes-max: etcd takes requests of 1572864 bytes, so objects of at most 1507328.",
            ],
            controller.Errors.SkipLast(1).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Options_OfEtcdForAnotherStore_AreAMistake()
    {
        await using var controller = HostProcess.Start("Notify.Controller", "--name", "x", "--etcd", "http://a:1");

        Assert.Equal(2, await controller.ExitCodeAsync());
        Assert.Equal("error: --etcd: the store is not in etcd. Add --store etcd, or leave --etcd.", controller.Errors.First());
    }

    private Task<HostProcess> StartAsync(string name) => HostProcess.StartListeningAsync("Notify.Controller", Arguments(name));

    private string[] Arguments(string name) =>
        ["--name", name, "--listen", "127.0.0.1:0", "--settle", "0", "--store", "etcd", "--etcd", _etcd.Address.ToString()];

    /// <summary>How many versions the node was sent since its start.</summary>
    private static async Task<long> ReceivedAsync(HostProcess node) => (await node.StatusAsync()).Counters.Received;

    private static async Task<long> RevisionAsync(HostProcess node) =>
        (await node.StatusAsync()).Spaces.Where(space => space.Space.Kind == Core.Protocol.SpaceKind.Stored).Select(space => space.Revision).FirstOrDefault();
}
