using System.Diagnostics;
using Notify.Core.Protocol;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>Upstreams that are silent, refuse, or go away.</summary>
public sealed class UpstreamTests
{
    [Fact]
    public async Task Upstream_ThatIsSilent_IsLeftForTheNextOneWithinTwoSeconds()
    {
        // Which of two upstreams comes first depends on the node's name, so both are silent: the second connection is the next attempt.
        await using var one = new SilentListener();
        await using var other = new SilentListener();
        await using var dme = HostProcess.Start("Notify.Dme", "--name", "dme", "--upstream", one.Address, "--upstream", other.Address);

        var between = Stopwatch.GetElapsedTime(
            Math.Min(await one.FirstAsync(), await other.FirstAsync()), Math.Max(await one.FirstAsync(), await other.FirstAsync()));

        // Half a second more for a machine that is busy.
        Assert.True(between < TimeSpan.FromSeconds(2.5), $"The next upstream was tried after {between.TotalSeconds:0.00} s.");
    }

    [Fact]
    public async Task Upstream_ThatIsSilent_DoesNotKeepANodeFromItsController()
    {
        await using var tree = await Tree.StartAsync();
        await using var silent = new SilentListener();
        foreach (var name in new[] { "dme-1", "dme-2", "dme-3", "dme-4" })
        {
            await using var dme = await HostProcess.StartListeningAsync(
                "Notify.Dme", "--name", name, "--upstream", silent.Address, "--upstream", tree.Controller.Address);
            await Eventually.EqualAsync(UpstreamStatus.Types.State.Synced, async () => (await dme.StatusAsync()).Upstream.State, name);
        }
    }

    [Fact]
    public async Task Handshake_ThatIsRefused_IsBackedOff()
    {
        await using var upstream = await RefusingUpstream.StartAsync();
        await using var dme = await HostProcess.StartListeningAsync("Notify.Dme", "--name", "dme", "--upstream", upstream.Address);

        var first = await upstream.NextAttemptAsync();
        long last = 0;
        for (var attempt = 2; attempt <= 6; attempt++)
        {
            last = await upstream.NextAttemptAsync();
        }

        // Random waits of up to 0.2, 0.4, 0.8, 1.6 and 3.2 s: less than a tenth of a second in all has a chance of one to some millions.
        Assert.True(Stopwatch.GetElapsedTime(first, last) > TimeSpan.FromSeconds(0.1), "Five more attempts came in less than 0.1 s.");
        var status = await dme.StatusAsync();
        Assert.Equal("FailedPrecondition: Nobody is welcome here.", status.Upstream.LastError);
        Assert.False(status.Synced);
    }

    [Fact]
    public async Task G4_ControllerThatComesBackWithAnotherStore_IsRefused_AndTheMirrorStays()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);
        var dme = await tree.AddDmeAsync();
        await Eventually.EqualAsync(true, async () => (await dme.StatusAsync()).Synced, "synced");
        var before = await dme.StoredAsync();

        tree.Controller.Signal("KILL");
        await tree.Controller.ExitCodeAsync();
        await using var empty = await HostProcess.StartListeningAsync("Notify.Controller", "--name", "top", "--store", "memory", "--listen", tree.Controller.Address);

        await Eventually.EqualAsync(
            true, async () => (await dme.StatusAsync()).Upstream.LastError.Contains("serves the store", StringComparison.Ordinal), "refusal of the other store");
        Assert.Equal(before.ToHashSet(), (await dme.StoredAsync()).ToHashSet());
    }
}
