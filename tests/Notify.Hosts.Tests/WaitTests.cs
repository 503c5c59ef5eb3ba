using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>Waiting until every process of a tree of four levels has applied a revision, by notifyctl and by the API.</summary>
public sealed class WaitTests
{
    [Fact]
    public async Task Wait_NamesTheFrozenLeafBelowTwoRelays_AndIsDoneWhenItWakes()
    {
        await using var tree = await Tree.StartAsync();
        var (upper, lower) = await tree.LoadAboveTwoRelaysAsync();
        var west = await tree.AddCrmAsync(lower, "west");
        await tree.AddCrmAsync(upper, "east");
        await tree.AddDmeAsync();
        await Eventually.SetAsync(["west Ready", "east Ready"], tree.Controller.CloudletStatesAsync, "cloudlets");

        west.Signal("STOP");
        var revision = (await tree.Controller.PutAsync(World.Inst("new-west", World.Maps, World.West))).Revision;
        Assert.Equal(0, (await WaitAsync(tree.Controller, revision, "60s", "--nodes", "role=dme,crm-east,relay-*,top")).Code);
        var (code, _, errors) = await WaitAsync(tree.Controller, revision, "1s");
        Assert.Equal((1, $"error: revision {revision} is not applied by 1 node: crm-west."), (code, errors.First()));
        var status = await NodeCalls.StatusOfAsync(() => DrainAsync(lower, new WaitRequest { Revision = revision, Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(0.5)) }));
        Assert.Equal(
            (GrpcStatusCode.DeadlineExceeded, $"1 node has not applied revision {revision} within 0.5 s: crm-west."), (status.Code, status.Detail));

        west.Signal("CONT");
        Assert.Equal([$"revision {revision} is applied"], (await WaitAsync(tree.Controller, revision, "60s")).Output);
    }

    [Fact]
    public async Task Request_AfterARevisionThatIsYetToCome_IsAnsweredByTheLeafBelowARelayThatHasIt()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var relay = await tree.AddRelayAsync(tree.Controller, "relay-1");
        await tree.AddCrmAsync(relay, "west");
        await Eventually.SetAsync(["west Ready"], tree.Controller.CloudletStatesAsync, "cloudlets");

        // Far enough ahead that reports, which are published through the store, do not get there by themselves.
        var after = (await tree.Controller.PositionAsync()).StoredRevision + 30;
        var asking = RunAsync(
            "request", "ExecRequest", "{\"command\": \"describe\", \"arguments\": [\"new-west\"]}", "--node", "crm-west", "--after", $"{after}", "--timeout", "60s",
            "-a", tree.Controller.Address);
        var put = await tree.Controller.PutAsync(World.Inst("new-west", World.Maps, World.West));
        Assert.False(asking.IsCompleted, "It was answered before its revision.");
        for (var ram = 1ul; put.Revision < after; ram++)
        {
            put = await tree.Controller.PutAsync(new Flavor(World.Small) { RamMb = ram });
        }

        var (code, output, errors) = await asking;

        Assert.True(code == 0, string.Join('\n', errors));
        Assert.Contains(output, line => line.Contains("new-west", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wait_NamesTheLeafThatWasKilled_UntilItIsForgotten()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var relay = await tree.AddRelayAsync(tree.Controller, "relay-1");
        var west = await tree.AddCrmAsync(relay, "west");
        await Eventually.SetAsync(["west Ready"], tree.Controller.CloudletStatesAsync, "cloudlets");

        west.Signal("KILL");
        await Eventually.SetAsync([], tree.Controller.CloudletStatesAsync, "cloudlets after the kill");
        var revision = (await tree.Controller.PutAsync(World.Inst("new-west", World.Maps, World.West))).Revision;
        Assert.Equal(0, (await WaitAsync(tree.Controller, revision, "60s", "--nodes", "relay-1,top")).Code);
        var (code, _, errors) = await WaitAsync(tree.Controller, revision, "1s");
        Assert.Equal((1, $"error: revision {revision} is not applied by 1 node: crm-west (vanished)."), (code, errors.First()));

        Assert.Equal(0, (await RunAsync("forget", "crm-west", "-a", tree.Controller.Address)).Code);
        Assert.Equal(0, (await WaitAsync(tree.Controller, revision, "60s")).Code);
    }

    private static async Task DrainAsync(HostProcess node, WaitRequest request)
    {
        await using var call = node.Channel.ServerStreaming(NodesMethods.Wait, request);
        while (await call.WaitToReadAsync())
        {
            while (call.TryRead(out _))
            {
                // How it ends is what counts.
            }
        }
    }

    private static Task<(int Code, IReadOnlyCollection<string> Output, IReadOnlyCollection<string> Errors)> WaitAsync(
        HostProcess node, long revision, string timeout, params string[] more) =>
        RunAsync(["wait", "--revision", $"{revision}", "--timeout", timeout, "-a", node.Address, .. more]);

    private static async Task<(int Code, IReadOnlyCollection<string> Output, IReadOnlyCollection<string> Errors)> RunAsync(params string[] arguments)
    {
        await using var ctl = HostProcess.Start("notifyctl", arguments);
        var code = await ctl.ExitCodeAsync();
        return (code, ctl.Output, ctl.Errors);
    }
}
