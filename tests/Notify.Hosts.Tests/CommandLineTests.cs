using System.Text.Json;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>Options, exit codes and what is written where.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public async Task Options_WrongInSeveralWays_AreAllReportedTogether()
    {
        await using var crm = HostProcess.Start(
            "Notify.Crm", "--listen", "nowhere", "--cloudlet", "zurich", "--upstream", "a", "--log", "xml", "--heartbeat-timeout", "0", "--bogus");

        Assert.Equal(2, await crm.ExitCodeAsync());
        Assert.Equal(
            [
                "error: --cloudlet: 'zurich' is not ORG/NAME, for example Europe/Zurich.",
                "error: --heartbeat-timeout: '0' is not a number of seconds from 0.3 to 86400.",
                "error: --listen: 'nowhere' is not HOST:PORT, for example 127.0.0.1:7000.",
                "error: --log: 'xml' is neither text nor json.",
                "error: --upstream: 'a' is not HOST:PORT, for example controller-1:7000.",
                "error: Option '--name' is required.",
                "error: Unrecognized command or argument '--bogus'.",
                "See --help of the crm.",
            ],
            crm.Errors.SkipLast(1).Order(StringComparer.Ordinal).Concat(crm.Errors.TakeLast(1)));
        Assert.Empty(crm.Output);
    }

    [Theory]
    [InlineData("Notify.Controller", "--name x --upstream 127.0.0.1:7000", "--upstream: a controller is the top of its tree and connects to no other node.")]
    [InlineData("Notify.Controller", "--name x --types /nowhere/types.binpb", "--types /nowhere/types.binpb: Could not find")]
    [InlineData("Notify.Controller", "--name x --object-bytes-max 12", "--object-bytes-max: '12' is not a number of bytes from 1024 to 3145728.")]
    [InlineData("Notify.Controller", "--name x --grace never", "--grace: 'never' is not a number of seconds from 0 to 86400.")]
    [InlineData("Notify.Relay", "--name x --upstream h:1 --drain long", "--drain: 'long' is not a number of seconds from 0 to 86400.")]
    [InlineData("Notify.Controller", "--name x --full-syncs 0", "--full-syncs: '0' is not a number from 1 to 1000000.")]
    [InlineData("Notify.Controller", "--name x --data-dir ", "--data-dir: the name of the folder is empty. Name one, or leave --data-dir.")]
    [InlineData("Notify.Controller", "--name a/b", "--data-dir: the name 'a/b' is no name of a folder, so there is no default. Give --data-dir.")]
    [InlineData("Notify.Dme", "--name x", "Option '--upstream' is required.")]
    [InlineData("Notify.Dme", "--name x --upstream h:1 --upstream h:1", "--upstream: h:1 is given twice.")]
    public async Task Option_ThatIsWrong_IsNamedWithTheRemedy(string program, string arguments, string error)
    {
        await using var host = HostProcess.Start(program, arguments.Split(' '));

        Assert.Equal(2, await host.ExitCodeAsync());
        Assert.StartsWith("error: " + error, host.Errors.First(), StringComparison.Ordinal);
        Assert.Equal(2, host.Errors.Count);
    }

    [Theory]
    [InlineData("Notify.Controller")]
    [InlineData("Notify.Crm")]
    [InlineData("Notify.Dme")]
    public async Task Help_ShowsOptionsAndExamples(string program)
    {
        await using var host = HostProcess.Start(program, "--help");

        Assert.Equal(0, await host.ExitCodeAsync());
        foreach (var option in new[] { "--name", "--listen", "--log", "--heartbeat-timeout" })
        {
            Assert.Contains(host.Output, line => line.TrimStart().StartsWith(option, StringComparison.Ordinal));
        }

        Assert.Contains(host.Output.SkipWhile(line => line != "Examples:"), line => line.StartsWith("  " + program, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Port_ThatIsInUse_IsOneClearLine()
    {
        await using var tree = await Tree.StartAsync();
        await using var second = HostProcess.Start("Notify.Controller", "--name", "second", "--store", "memory", "--listen", tree.Controller.Address);

        Assert.Equal(1, await second.ExitCodeAsync());
        Assert.Equal(
            [$"error: --listen {tree.Controller.Address}: another program listens on this port. Stop it, or choose another port (0: a free one)."],
            second.Errors.Where(line => !line.Contains(" INF ", StringComparison.Ordinal)));
        Assert.Empty(second.Output);
    }

    [Fact]
    public async Task Output_IsOneLine_AndTheJsonLogIsJson()
    {
        await using var tree = await Tree.StartAsync("--log", "json");
        var dme = await tree.AddDmeAsync("--log", "json");
        await Eventually.EqualAsync(1, async () => (await tree.Controller.StatusAsync()).Sessions.Count, "sessions");
        foreach (var host in new[] { dme, tree.Controller })
        {
            host.Signal("TERM");
            Assert.Equal(0, await host.ExitCodeAsync());
            Assert.Equal([$"listening grpc={host.Address}"], host.Output);
            Assert.NotEmpty(host.Errors);
            Assert.All(host.Errors, line =>
            {
                using var entry = JsonDocument.Parse(line);
                Assert.True(entry.RootElement.TryGetProperty("MessageTemplate", out _), line);
            });
        }
    }

    [Fact]
    public async Task TextLog_IsNotColoured_WhereItDoesNotGoToATerminal()
    {
        await using var tree = await Tree.StartAsync();

        await Eventually.EqualAsync(
            true, () => Task.FromResult(tree.Controller.Errors.Any(line => line.Contains(" INF top (controller) listens", StringComparison.Ordinal))), "a line that says so");
        Assert.DoesNotContain(tree.Controller.Errors, line => line.Contains('\u001b', StringComparison.Ordinal));
    }
}
