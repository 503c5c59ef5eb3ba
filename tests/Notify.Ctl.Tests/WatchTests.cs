using System.Text.Json.Nodes;

namespace Notify.Ctl.Tests;

public sealed class WatchTests
{
    [Fact]
    public async Task Changes_AreShownAsAddedChangedAndRemoved_WithRevisions()
    {
        await using var node = await CtlNode.StartAsync();
        await using WatchRun watch = new(node, "watch", "Flavor");
        await watch.Error.WaitForAsync("0 objects at revision");

        var created = await ApplyAsync(node, 1);
        await watch.Out.WaitForAsync($"added    Flavor tiny  revision {created}\n");
        var updated = await ApplyAsync(node, 2);
        await watch.Out.WaitForAsync($"changed  Flavor tiny  revision {updated}\n");
        var deleted = JsonNode.Parse(await node.OutputOfAsync("delete", "Flavor", "tiny", "--json"))!["revision"];
        await watch.Out.WaitForAsync($"removed  Flavor tiny  revision {deleted}\n");

        Assert.Equal(ExitCode.Ok, await watch.InterruptAsync());
    }

    [Fact]
    public async Task Json_IsOneLinePerChange_WithKeyAndObject()
    {
        await using var node = await CtlNode.StartAsync();
        await ApplyAsync(node, 1);
        await using WatchRun watch = new(node, "watch", "Flavor", "-o", "json");
        await watch.Out.WaitForAsync("\n");

        var line = JsonNode.Parse(watch.Out.Text.TrimEnd('\n'))!;

        Assert.Equal("added", (string?)line["event"]);
        Assert.Equal("""{"name":"tiny"}""", line["key"]!.ToJsonString());
        Assert.Equal(1, (int)line["object"]!["vcpus"]!);
    }

    [Fact]
    public async Task ObjectThatMovesToAnotherScope_IsShownAsLeft()
    {
        await using var node = await CtlNode.StartAsync();
        await node.OutputOfAsync("apply", "-f", Samples.Plain("cloudlet.yaml"), "-f", Samples.Plain("app-inst.json"));
        await using WatchRun watch = new(node, "watch", "AppInst", "--scope", "lakeside/rapperswil");
        await watch.Out.WaitForAsync("added    AppInst käferlabor/hello-1");

        await node.OutputOfAsync("apply", "-f", Samples.Plain("move.json"));

        await watch.Out.WaitForAsync("left     AppInst käferlabor/hello-1");
    }

    [Fact]
    public async Task ChangesOnly_HidesTheBeginning_AndStillTellsChangedFromAdded()
    {
        await using var node = await CtlNode.StartAsync();
        await ApplyAsync(node, 1);
        await using WatchRun watch = new(node, "watch", "Flavor", "--changes-only");
        await watch.Error.WaitForAsync("1 object at revision");

        await ApplyAsync(node, 2);
        await watch.Out.WaitForAsync("\n");

        Assert.StartsWith("changed  Flavor tiny", watch.Out.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeThatGoesAway_EndsTheWatchWith5()
    {
        await using var node = await CtlNode.StartAsync();
        await using WatchRun watch = new(node, "watch", "Flavor");
        await watch.Error.WaitForAsync("0 objects at revision");

        await node.StopAsync();

        Assert.Equal(ExitCode.Unreachable, await watch.EndAsync());
        Assert.Contains($"{node.Address} went away", watch.Error.Text, StringComparison.Ordinal);
        Assert.Contains("Run the command again", watch.Error.Text, StringComparison.Ordinal);
    }

    private static async Task<long> ApplyAsync(CtlNode node, int vcpus)
    {
        var run = await CtlRun.StartAsync(
            ["apply", "-f", "-", "--json", "--address", node.Address], $"type: Flavor\nobject: {{key: {{name: tiny}}, vcpus: {vcpus}}}\n");
        return (long)JsonNode.Parse(run.Out)!["revision"]!;
    }
}
