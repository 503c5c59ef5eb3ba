using Google.Protobuf.WellKnownTypes;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>Requests that reach a node and bring its reply back.</summary>
public sealed class MessagesTests
{
    [Fact]
    public async Task ExecRequest_ThroughTheController_IsAnsweredByTheNodeThatIsNamed()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        await tree.AddCrmAsync("west");
        await tree.AddCrmAsync("east");
        await Eventually.SetAsync(["west Ready", "east Ready"], tree.Controller.CloudletStatesAsync, "cloudlets");

        var request = new ExecRequest { Id = "1", Command = "echo", Arguments = { "hello", "world" } };
        var east = await tree.Controller.SendAsync<ExecReply>("crm-east", request);
        Assert.Equal(new ExecReply { Id = "1", Node = "crm-east", Output = "hello world\n" }, east);

        // What a manager lists as ready it has reported as ready before.
        await Eventually.EqualAsync(
            true,
            async () => (await tree.Controller.AppInstStatesAsync()).Contains("maps-west Ready maps-west.example"),
            "the instance is ready");
        var list = await tree.Controller.SendAsync<ExecReply>("crm-west", new ExecRequest { Command = "list" });
        Assert.Equal(("crm-west", "acme/maps-west  ready\n"), (list.Node, list.Output));
    }

    [Fact]
    public async Task ExecRequest_ThatCannotBeRun_SaysWhyWithAnExitCode()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var crm = await tree.AddCrmAsync("west");
        await Eventually.SetAsync(["west Ready"], tree.Controller.CloudletStatesAsync, "cloudlets");

        // At the node itself: it answers its own operators too.
        var unknown = await crm.SendAsync<ExecReply>("crm-west", new ExecRequest { Command = "rm", Arguments = { "-rf" } });
        Assert.Equal((127, "There is no command 'rm'; help lists them."), (unknown.ExitCode, unknown.Error));

        var elsewhere = await crm.SendAsync<ExecReply>(
            "crm-west", new ExecRequest { Command = "describe", AppInstKey = World.InstKey("maps-east") });
        Assert.Equal((1, "There is no instance acme/maps-east at oper/west."), (elsewhere.ExitCode, elsewhere.Error));

        var described = await crm.SendAsync<ExecReply>("crm-west", new ExecRequest { Command = "describe", Arguments = { "maps-west" } });
        Assert.Contains("APP_INST_STATE_READY", described.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_ForANodeThatIsNotConnected_IsNotFound()
    {
        await using var tree = await Tree.StartAsync();

        var status = await NodeCalls.StatusOfAsync(() => tree.Controller.SendAsync<ExecReply>("crm-nowhere", new ExecRequest { Command = "help" }));

        Assert.Equal(GrpcStatusCode.NotFound, status.Code);
    }

    [Fact]
    public async Task Metric_OfAnEngine_IsShownByTheController()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.Maps, new Settings { MetricsInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(0.1)) });
        var dme = await tree.AddDmeAsync();
        await Eventually.EqualAsync(true, async () => (await dme.StatusAsync()).Synced, "synced");
        await NodeCalls.StatusOfAsync(() => dme.FindAsync(World.Maps.Key, 0, 0));

        var request = new DebugRequest { Command = "metrics" };
        await Eventually.EqualAsync(
            true,
            async () => (await tree.Controller.SendAsync<DebugReply>("top", request)).Output.StartsWith("dme find_cloudlet: found_calls 0, not_found_calls 1, ", StringComparison.Ordinal),
            "the metric with the call");
    }

    [Fact]
    public async Task DebugRequest_IsAnsweredByEveryHost()
    {
        await using var tree = await Tree.StartAsync();
        await tree.AddCrmAsync("west");
        await tree.AddDmeAsync();
        await Eventually.EqualAsync(2, async () => (await tree.Controller.StatusAsync()).Sessions.Count, "sessions");

        foreach (var node in new[] { "top", "crm-west", "dme" })
        {
            var reply = await tree.Controller.SendAsync<DebugReply>(node, new DebugRequest { Id = "7", Command = "counters" });
            Assert.Equal((node, "7", ""), (reply.Node, reply.Id, reply.Error));
            Assert.Contains("messages_dropped 0", reply.Output, StringComparison.Ordinal);
        }
    }
}
