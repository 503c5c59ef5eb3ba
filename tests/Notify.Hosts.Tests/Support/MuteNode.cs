using Google.Protobuf;
using Notify.Client.Transport;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;

namespace Notify.Hosts.Tests.Support;

/// <summary>
/// A node that asks for all instances of a controller, and then reads nothing: of a controller with <see cref="LoadAsync"/>'s instances it holds more
/// back than the windows of both take.
/// </summary>
internal sealed class MuteNode : IAsyncDisposable
{
    /// <summary>How many instances <see cref="LoadAsync"/> puts.</summary>
    public const int Instances = 72;

    private readonly GrpcChannel _channel;
    private readonly DuplexCall<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> _call;

    private MuteNode(GrpcChannel channel) => (_channel, _call) = (channel, channel.Duplex(LinkMethod.Connect));

    /// <summary>Puts instances of 100 kB each.</summary>
    public static async Task LoadAsync(HostProcess controller)
    {
        foreach (var batch in Enumerable.Range(0, Instances).Chunk(9))
        {
            await controller.PutAsync(batch.Select(i => new AppInst { Key = World.InstKey($"large-{i}"), Uri = new string('x', 100_000) }));
        }
    }

    /// <summary>A connection to a controller with small windows.</summary>
    public static GrpcChannel ChannelTo(HostProcess controller) =>
        new(new Uri("http://" + controller.Address), new GrpcChannelOptions { StreamWindowBytes = 65_535 });

    /// <summary>Connects, and waits until the controller has a session for it.</summary>
    public static async Task<MuteNode> ConnectAsync(HostProcess controller)
    {
        var node = new MuteNode(ChannelTo(controller));
        await node._call.WriteAsync(Hello());
        await node._call.ReadHeadersAsync();
        await Eventually.EqualAsync(1, async () => (await controller.StatusAsync()).Sessions.Count, "sessions");
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await _call.DisposeAsync();
        _channel.Dispose();
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
