using System.Net.Sockets;
using Notify.Client.Transport;
using Notify.Core.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

public sealed class GoAwayTests
{
    private const byte HeadersFrame = 1;

    // A GOAWAY frame: last stream 0 (none was looked at), no error.
    private static readonly byte[] GoAwayUnprocessed = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    [Fact]
    public async Task GoAway_OfAServerThatShutsDown_LetsRunningCallsFinishAndRefusesNewOnes()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        await using var call = channel.Duplex(EchoMethods.Chat);
        await call.WriteAsync(new EchoRequest { Text = "before" });
        await call.ReadAsync();

        var stopping = server.StopAsync();
        // The listener closes and GOAWAY comes; until then a call may still succeed.
        var refused = await RefusalAsync(channel);

        Assert.Equal(GrpcStatusCode.Unavailable, refused.Code);
        Assert.False(stopping.IsCompleted);
        await call.WriteAsync(new EchoRequest { Text = "after" });
        Assert.Equal("after", (await call.ReadAsync()).Text);
        await call.CompleteAsync();
        Assert.False(await call.WaitToReadAsync());
        await stopping.WaitAsync(Limits.Patience);

        await using var next = await TestServer.StartAsync(new() { Port = server.Address.Port });
        Assert.Equal("fresh", (await channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Text = "fresh" })).Text);
    }

    [Fact]
    public async Task GoAway_ThatLeavesACallUnprocessed_IsUnavailable()
    {
        await using var peer = new TestPeer(GoAwayAsync);
        using var channel = new GrpcChannel(peer.Address);

        var unary = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest()).WaitAsync(Limits.Patience));
        await using var call = channel.Duplex(EchoMethods.Chat);
        var duplex = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask().WaitAsync(Limits.Patience));

        Assert.Equal(GrpcStatusCode.Unavailable, unary.Code);
        Assert.Equal(GrpcStatusCode.Unavailable, duplex.Code);
    }

    [Fact]
    public async Task GoAway_ThatLeavesACallUnprocessed_RepeatsItOnAFreshConnection()
    {
        await using var server = await TestServer.StartAsync();
        await using var peer = new TestPeer(
            (stream, number, stop) => number % 2 == 1 ? GoAwayAsync(stream, number, stop) : TestPeer.ForwardAsync(stream, server.Address, stop));
        using var channel = new GrpcChannel(peer.Address);
        Assert.Equal("again", (await channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Text = "again" })).Text);
        Assert.Equal(2, peer.Connections);

        using var other = new GrpcChannel(peer.Address);
        await using var call = other.Duplex(EchoMethods.Chat);
        await peer.ConnectionsAsync(4);
        // The writer, too, is on the fresh connection.
        await call.WriteAsync(new EchoRequest { Text = "again" });
        Assert.Equal("again", (await call.ReadAsync()).Text);
    }

    [Fact]
    public async Task GoAway_AfterAPartOfAnUnprocessedCallWasSent_IsUnavailable()
    {
        await using var peer = new TestPeer(async (stream, number, stop) =>
        {
            await TestPeer.OpenHttp2Async(stream, stop);
            await TestPeer.ReadUntilFrameAsync(stream, 0, stop);
            await stream.WriteAsync(GoAwayUnprocessed, stop);
            await stream.CopyToAsync(Stream.Null, stop);
        });
        using var channel = new GrpcChannel(peer.Address);
        await using var call = channel.Duplex(EchoMethods.Chat);

        // The flush may see the end of the connection too, or be done before.
        var writing = await Record.ExceptionAsync(() => call.WriteAsync(new EchoRequest { Text = "lost" }).AsTask());
        var reading = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask().WaitAsync(Limits.Patience));

        Assert.True(writing is null or GrpcException { Code: GrpcStatusCode.Unavailable }, $"{writing}");
        Assert.Equal(GrpcStatusCode.Unavailable, reading.Code);
    }

    private static async Task GoAwayAsync(NetworkStream stream, int number, CancellationToken stop)
    {
        await TestPeer.OpenHttp2Async(stream, stop);
        await TestPeer.ReadUntilFrameAsync(stream, HeadersFrame, stop);
        await stream.WriteAsync(GoAwayUnprocessed, stop);
        await stream.CopyToAsync(Stream.Null, stop);
    }

    private static async Task<GrpcException> RefusalAsync(GrpcChannel channel)
    {
        using var patience = new CancellationTokenSource(Limits.Patience);
        while (true)
        {
            try
            {
                await channel.UnaryAsync(EchoMethods.Say, new EchoRequest(), cancellationToken: patience.Token);
            }
            catch (GrpcException e)
            {
                return e;
            }
        }
    }
}
