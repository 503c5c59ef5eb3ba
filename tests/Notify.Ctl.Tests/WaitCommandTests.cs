using System.Text.Json.Nodes;

namespace Notify.Ctl.Tests;

public sealed class WaitCommandTests
{
    [Fact]
    public async Task Wait_UntilAllHaveAppliedIt_IsDone()
    {
        await using var fake = await FakeController.StartAsync(new() { Connected = { ["crm-a"] = true, ["dme-a"] = false } });

        var run = await CtlRun.StartAsync("wait", "-r", "7", "--nodes", "crm-*", "--timeout", "3s", "-a", fake.Address);

        Assert.Equal((ExitCode.Ok, "revision 7 is applied\n", ""), (run.Code, run.Out, run.Error));
        var request = Assert.Single(fake.Waits);
        Assert.Equal((7, "crm-*", 3), (request.Revision, request.Nodes, request.Timeout.Seconds));
    }

    [Fact]
    public async Task Wait_ThatIsNotDoneInTime_NamesWhoIsPending_AndEndsWith1()
    {
        await using var fake = await FakeController.StartAsync(new() { Connected = { ["crm-a"] = false, ["crm-b"] = true }, Vanished = { "dme-a" } });

        var run = await CtlRun.StartAsync("wait", "--timeout", "500ms", "-a", fake.Address);

        Assert.Equal((ExitCode.Failed, ""), (run.Code, run.Out));
        Assert.Equal(
            """
            error: revision 42 is not applied by 2 nodes: dme-a (vanished), crm-a.
            Not within 500ms; give it longer with --timeout. One that will not come back: notifyctl forget.

            """,
            run.Error);
    }

    [Fact]
    public async Task Wait_AsJson_SaysTheSame()
    {
        await using var fake = await FakeController.StartAsync(new() { Connected = { ["crm-a"] = false }, Vanished = { "dme-a" } });

        var run = await CtlRun.StartAsync("wait", "--json", "-a", fake.Address);

        Assert.Equal(ExitCode.Failed, run.Code);
        var json = JsonNode.Parse(run.Out)!;
        Assert.Equal((42, false, 2), ((long)json["revision"]!, (bool)json["applied"]!, (int)json["pending"]!));
        Assert.Equal(["dme-a", "crm-a"], json["pendingNodes"]!.AsArray().Select(name => (string?)name));
        Assert.Equal(["dme-a"], json["vanished"]!.AsArray().Select(name => (string?)name));
    }

    [Fact]
    public async Task Wait_InATerminal_ShowsOneLineThatGoesAway()
    {
        await using var fake = await FakeController.StartAsync(new() { Connected = { ["crm-a"] = false } });

        var run = await CtlRun.StartAsync(["wait", "-r", "7", "-a", fake.Address], "", isTerminal: true);

        Assert.StartsWith("\rrevision 7 is not applied by 1 node: crm-a  (Ctrl-C ends)\e[K", run.Error, StringComparison.Ordinal);
        Assert.Contains("\r\e[K\e[31merror:\e[0m revision 7 is not applied by 1 node: crm-a.\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_ForANodeThatIsNotKnown_EndsWith3()
    {
        await using var fake = await FakeController.StartAsync(new());

        var run = await CtlRun.StartAsync("wait", "-n", "crm-a", "-a", fake.Address);

        Assert.Equal(ExitCode.NotFound, run.Code);
        Assert.Contains("fake knows no node crm-a", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_WithWrongOptions_SaysAllThatIsWrong()
    {
        var run = await CtlRun.StartAsync("wait", "-r", "0", "-n", "!crm", "--also", "here");

        Assert.Equal(ExitCode.Usage, run.Code);
        foreach (var expected in new[] { "'0' (--revision) is no revision", "'!' in the selector", "'here' (--also) is no address" })
            Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_AtSeveralControllers_CountsANodeThatVanishedFromOneAsTheOtherSays()
    {
        await using var first = await FakeController.StartAsync(new() { Connected = { ["crm-a"] = true }, Vanished = { "crm-b", "crm-c" } });
        await using var second = await FakeController.StartAsync(new() { Connected = { ["crm-b"] = true, ["crm-c"] = false } });

        var run = await CtlRun.StartAsync("wait", "--json", "-a", first.Address, "--also", second.Address);
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Equal(["crm-c"], JsonNode.Parse(run.Out)!["pendingNodes"]!.AsArray().Select(name => (string?)name));

        second.Connected["crm-c"] = true;
        Assert.Equal(ExitCode.Ok, (await CtlRun.StartAsync("wait", "-r", "7", "-a", first.Address, "--also", second.Address)).Code);
    }

    [Fact]
    public async Task Wait_AtSeveralControllers_AsksEachForTheNamesThatItKnows()
    {
        await using var first = await FakeController.StartAsync(new() { Connected = { ["crm-a"] = true } });
        await using var second = await FakeController.StartAsync(new() { Connected = { ["crm-b"] = true } });
        string[] both = ["-a", first.Address, "--also", second.Address];

        Assert.Equal(ExitCode.Ok, (await CtlRun.StartAsync(["wait", "-n", "crm-a,crm-b", .. both])).Code);
        Assert.Equal(("crm-a", "crm-b"), (Assert.Single(first.Waits).Nodes, Assert.Single(second.Waits).Nodes));
        Assert.Equal(ExitCode.Ok, (await CtlRun.StartAsync(["wait", "-n", "crm-a", .. both])).Code);

        var unknown = await CtlRun.StartAsync(["wait", "-n", "crm-a,crm-x", .. both]);
        Assert.Equal(ExitCode.NotFound, unknown.Code);
        Assert.Contains("knows a node crm-x", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_WhereAControllerIsNotThere_EndsWith5()
    {
        await using var fake = await FakeController.StartAsync(new() { Connected = { ["crm-a"] = true } });

        var run = await CtlRun.StartAsync("wait", "-r", "7", "-a", fake.Address, "--also", "127.0.0.1:1");

        Assert.Equal(ExitCode.Unreachable, run.Code);
        Assert.Contains("127.0.0.1:1", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forget_AsksEveryController_AndIsDoneWhereOneHasForgotten()
    {
        await using var first = await FakeController.StartAsync(new());
        await using var second = await FakeController.StartAsync(new() { Vanished = { "crm-a" } });

        var run = await CtlRun.StartAsync("forget", "crm-a", "-a", first.Address, "--also", second.Address);
        Assert.Equal((ExitCode.Ok, "crm-a is forgotten\n"), (run.Code, run.Out));
        Assert.Equal(["crm-a"], second.Forgotten);

        var again = await CtlRun.StartAsync("forget", "crm-a", "-a", first.Address, "--also", second.Address);
        Assert.Equal(ExitCode.NotFound, again.Code);
    }

    [Fact]
    public async Task Forget_OfAConnectedNode_IsRefused()
    {
        await using var fake = await FakeController.StartAsync(new() { Connected = { ["crm-a"] = true } });

        var run = await CtlRun.StartAsync("forget", "crm-a", "-a", fake.Address);

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("crm-a is connected", run.Error, StringComparison.Ordinal);
    }
}
