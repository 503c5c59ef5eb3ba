using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>Stopping at any moment of a program's life.</summary>
public sealed class StopTests
{
    private const int SigTerm = 15;

    /// <summary>Less than the time after which the host would be cut off, with room for a busy machine.</summary>
    private static readonly TimeSpan s_promptly = TimeSpan.FromSeconds(4.5);

    [Theory]
    [InlineData("Notify.Controller", "--name x --listen 127.0.0.1:0 --store memory")]
    [InlineData("Notify.Crm", "--name x --cloudlet o/c --upstream 127.0.0.1:1")]
    [InlineData("Notify.Dme", "--name x --upstream 127.0.0.1:1")]
    public async Task Stop_DuringStart_IsClean(string program, string arguments)
    {
        await using var host = HostProcess.Start(program, arguments.Split(' '));
        await Eventually.EqualAsync(true, () => Task.FromResult(Catches(host.Id, SigTerm)), "the program catches SIGTERM");

        host.Signal("TERM");

        // Before the program's own handler the runtime ends the process in an orderly way too, with 128 + 15.
        Assert.Contains(await host.ExitCodeAsync(), new[] { 0, 128 + SigTerm });
        Assert.DoesNotContain(host.Errors, line => line.Contains("xception", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Stop_RightAfterStart_IsClean(string signal)
    {
        await using var upstream = new SilentListener();
        await using var host = await HostProcess.StartListeningAsync("Notify.Dme", "--name", "x", "--upstream", upstream.Address);

        host.Signal(signal);

        Assert.Equal(0, await host.ExitCodeAsync());
        Assert.DoesNotContain(host.Errors, line => line.Contains("xception", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stop_InTheMiddleOfAHandshake_IsClean()
    {
        await using var upstream = new SilentListener();
        await using var host = HostProcess.Start("Notify.Dme", "--name", "x", "--upstream", upstream.Address);
        await upstream.FirstAsync();

        host.Signal("TERM");

        Assert.Equal(0, await host.ExitCodeAsync());
    }

    [Fact]
    public async Task Stop_OfAControllerWithWatchersAndNodes_DoesNotWaitForThem()
    {
        await using var tree = await Tree.StartAsync();
        var dme = await tree.AddDmeAsync();
        await Eventually.EqualAsync(1, async () => (await tree.Controller.StatusAsync()).Sessions.Count, "sessions");
        await using var watch = tree.Controller.Channel.ServerStreaming(ObjectsMethods.Watch, new WatchRequest());
        Assert.True(await watch.WaitToReadAsync());

        tree.Controller.Signal("TERM");

        var ended = await NodeCalls.StatusOfAsync(async () => await watch.ReadAllAsync().CountAsync());
        Assert.Equal(GrpcStatusCode.Unavailable, ended.Code);
        Assert.Equal(0, await tree.Controller.ExitCodeAsync());
        Assert.DoesNotContain(tree.Controller.Errors, line => line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains(" FTL ", StringComparison.Ordinal));
        await Eventually.EqualAsync(true, async () => (await dme.StatusAsync()).Upstream.LastError.Length > 0, "the node has noticed");
    }

    [Fact]
    public async Task Stop_WithPeersThatDoNotRead_DoesNotWaitForThem()
    {
        await using var tree = await Tree.StartAsync();
        await MuteNode.LoadAsync(tree.Controller);

        // Their calls have bytes left to send when the controller is told to stop.
        using var channel = MuteNode.ChannelTo(tree.Controller);
        await using var watch = channel.ServerStreaming(ObjectsMethods.Watch, new WatchRequest());
        await watch.ReadHeadersAsync();
        await using var mute = await MuteNode.ConnectAsync(tree.Controller);

        var clock = Stopwatch.StartNew();
        tree.Controller.Signal("TERM");

        Assert.Equal(0, await tree.Controller.ExitCodeAsync());
        Assert.True(clock.Elapsed < s_promptly, $"It took {clock.Elapsed.TotalSeconds:0.0} s.");
        Assert.DoesNotContain(tree.Controller.Errors, line => line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains(" FTL ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stop_WithACallThatWaits_EndsTheCallWithUnavailable()
    {
        await using var tree = await Tree.StartAsync();
        var crm = await tree.AddCrmAsync("west");
        await Eventually.EqualAsync(1, async () => (await tree.Controller.StatusAsync()).Sessions.Count, "sessions");
        crm.Signal("STOP");
        var exec = NodeCalls.StatusOfAsync(() => tree.Controller.SendAsync<ExecReply>("crm-west", new ExecRequest { Command = "help" }));
        var get = NodeCalls.StatusOfAsync(() => tree.Controller.Channel.UnaryAsync(
            ObjectsMethods.Get, new GetRequest { Object = new ObjectName { Like = Any.Pack(World.Small) }, MinRevision = 1000 }));
        await tree.Controller.StatusAsync(); // On the same connection, so the two have arrived.

        var clock = Stopwatch.StartNew();
        tree.Controller.Signal("TERM");

        Assert.Equal(GrpcStatusCode.Unavailable, (await exec).Code);
        Assert.Equal(GrpcStatusCode.Unavailable, (await get).Code);
        Assert.Equal(0, await tree.Controller.ExitCodeAsync());
        Assert.True(clock.Elapsed < s_promptly, $"It took {clock.Elapsed.TotalSeconds:0.0} s.");
    }

    /// <summary>As the kernel has it: a mask of the signals that the process has a handler for.</summary>
    private static bool Catches(int processId, int signal)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status").Single(line => line.StartsWith("SigCgt:", StringComparison.Ordinal));
            return (ulong.Parse(line["SigCgt:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1) & 1) == 1;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
