using Notify.Core.Protocol;
using Notify.Edge;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>A controller that sends everything to one node at a time.</summary>
public sealed class FullSyncsTests
{
    [Fact]
    public async Task G8_NodeThatWaitsForItsTurn_SaysSo_AndHasItWhenTheOneBeforeIsGone()
    {
        await using var tree = await Tree.StartAsync("--full-syncs", "1");
        await tree.Controller.PutAsync(World.All);
        await MuteNode.LoadAsync(tree.Controller);

        // It has its turn until it goes.
        var mute = await MuteNode.ConnectAsync(tree.Controller);
        var dme = await tree.AddDmeAsync();

        await Eventually.EqualAsync(1, async () => (await dme.StatusAsync()).Upstream.Queued, "the place in the queue");
        var status = await dme.StatusAsync();
        Assert.Equal((UpstreamStatus.Types.State.Syncing, false), (status.Upstream.State, status.Synced));
        Assert.Equal([0L, 1L], (await tree.Controller.StatusAsync()).Sessions.Select(session => session.Queued).Order());

        await mute.DisposeAsync();
        await Eventually.EqualAsync(UpstreamStatus.Types.State.Synced, async () => (await dme.StatusAsync()).Upstream.State, "the link upwards");
        Assert.Equal(0, (await dme.StatusAsync()).Upstream.Queued);
        Assert.Equal(MuteNode.Instances + 3, (await dme.ListAsync<AppInst>()).Count);
    }
}
