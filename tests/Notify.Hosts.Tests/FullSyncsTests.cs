using Google.Protobuf;
using Notify.Client.Transport;
using Notify.Core.Protocol;
using Notify.Core.Transport;
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
        for (var i = 0; i < 8; i++)
        {
            var number = i;
            await tree.Controller.PutAsync(Enumerable.Range(0, 9).Select(j => new AppInst { Key = World.InstKey($"large-{number}-{j}"), Uri = new string('x', 100_000) }));
        }

        // More than the windows of both hold: it does not read, so it has its turn until it goes.
        using var channel = new GrpcChannel(new Uri("http://" + tree.Controller.Address), new GrpcChannelOptions { StreamWindowBytes = 65_535 });
        var mute = channel.Duplex(LinkMethod.Connect);
        await mute.WriteAsync(Hello());
        await mute.ReadHeadersAsync();
        await Eventually.EqualAsync(1, async () => (await tree.Controller.StatusAsync()).Sessions.Count, "sessions");
        var dme = await tree.AddDmeAsync();

        await Eventually.EqualAsync(1, async () => (await dme.StatusAsync()).Upstream.Queued, "the place in the queue");
        var status = await dme.StatusAsync();
        Assert.Equal((UpstreamStatus.Types.State.Syncing, false), (status.Upstream.State, status.Synced));
        Assert.Equal([0L, 1L], (await tree.Controller.StatusAsync()).Sessions.Select(session => session.Queued).Order());

        await mute.DisposeAsync();
        await Eventually.EqualAsync(UpstreamStatus.Types.State.Synced, async () => (await dme.StatusAsync()).Upstream.State, "the link upwards");
        Assert.Equal(0, (await dme.StatusAsync()).Upstream.Queued);
        Assert.Equal(75, (await dme.ListAsync<AppInst>()).Count);
    }

    private static ReadOnlyMemory<byte> Hello()
    {
        var hello = new Hello
        {
            Versions = { 1 },
            Node = "mute",
            Role = "test",
            Process = "p",
            Attachment = 1,
            DynamicSpace = new Space { Kind = SpaceKind.Dynamic, Id = "d", Incarnation = "1" },
            SilenceMs = 60_000,
        };
        hello.Interest.Add(new InterestItem { Number = 1, Type = AppInst.Descriptor.FullName, Selector = new Selector { All = true } });
        return new Frame { Number = 1, Hello = hello }.ToByteArray();
    }
}
