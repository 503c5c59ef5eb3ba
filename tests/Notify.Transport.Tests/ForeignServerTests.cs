using Notify.Client.Transport;
using Notify.Core.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

/// <summary>Our client against a server that is not ours: grpc-js.</summary>
public sealed class ForeignServerTests
{
    [Fact]
    public async Task OurClient_AgainstGrpcJs_MakesUnaryCallsWithMetadata()
    {
        await using var peer = await Peer.StartAsync();
        byte[] bytes = [0, 1, 255];
        var headers = new GrpcMetadata { { "x-text", "some text" }, { "x-bytes-bin", bytes } };

        var result = await peer.Channel.UnaryWithMetadataAsync(EchoMethods.Say, new EchoRequest { Text = "from us" }, new GrpcCallOptions { Headers = headers });

        Assert.Equal("from us", result.Message.Text);
        Assert.Equal("some text", result.Headers.GetText("x-text-header"));
        Assert.Equal("some text", result.Trailers.GetText("x-text-trailer"));
        Assert.Equal(bytes, result.Headers.GetBytes("x-bytes-header-bin")!.Value.ToArray());
        Assert.Equal(bytes, result.Trailers.GetBytes("x-bytes-trailer-bin")!.Value.ToArray());
    }

    [Fact]
    public async Task OurClient_AgainstGrpcJs_GetsEveryStatusWithItsText()
    {
        await using var peer = await Peer.StartAsync();
        for (var code = 1; code <= 16; code++)
        {
            var detail = $"größer {code} 100%\n\U0001F600";

            var e = await Assert.ThrowsAsync<GrpcException>(
                () => peer.Channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Status = code, Detail = detail }));

            Assert.Equal(new GrpcStatus((GrpcStatusCode)code, detail), e.Status);
            Assert.Equal("asked-for", e.Trailers.GetText("x-why"));
        }
    }

    [Fact]
    public async Task OurClient_AgainstGrpcJs_SeesAnUnknownMethodAsUnimplemented()
    {
        await using var peer = await Peer.StartAsync();
        var e = await Assert.ThrowsAsync<GrpcException>(() => peer.Channel.UnaryAsync(EchoMethods.Unknown, new EchoRequest()));

        Assert.Equal(GrpcStatusCode.Unimplemented, e.Code);
    }

    [Fact]
    public async Task OurClient_AgainstGrpcJs_ReadsServerStreams()
    {
        await using var peer = await Peer.StartAsync();
        await using var call = peer.Channel.ServerStreaming(EchoMethods.Repeat, new EchoRequest { Copies = 500 });

        var replies = await call.ReadAllAsync().ToListAsync().AsTask().WaitAsync(Limits.Patience);

        Assert.Equal(Enumerable.Range(0, 500), replies.Select(r => r.Number));
        Assert.Equal(GrpcStatus.Ok, call.Status);
    }

    [Fact]
    public async Task OurClient_AgainstGrpcJs_TalksBothWays()
    {
        await using var peer = await Peer.StartAsync();
        await using var call = peer.Channel.Duplex(EchoMethods.Chat);
        for (var i = 0; i < 100; i++)
        {
            await call.WriteAsync(new EchoRequest { Text = $"{i}" });
            Assert.Equal(new EchoReply { Text = $"{i}", Number = i }, await call.ReadAsync().AsTask().WaitAsync(Limits.Patience));
        }

        await call.CompleteAsync();

        Assert.False(await call.WaitToReadAsync());
        Assert.Equal(GrpcStatus.Ok, call.Status);
    }

    [Fact]
    public async Task OurClient_AgainstGrpcJs_GetsTheRepliesBeforeTheErrorOfABidirectionalCall()
    {
        await using var peer = await Peer.StartAsync();
        await using var call = peer.Channel.Duplex(EchoMethods.Chat);
        await call.WriteAsync(new EchoRequest { Copies = 3, Status = 9, Detail = "not now" });

        for (var i = 0; i < 3; i++)
            Assert.Equal(i, (await call.ReadAsync()).Number);
        var e = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask());

        Assert.Equal(new GrpcStatus(GrpcStatusCode.FailedPrecondition, "not now"), e.Status);
    }

    [Fact]
    public async Task OurClient_AgainstGrpcJs_KeepsADeadline()
    {
        await using var peer = await Peer.StartAsync();
        await peer.Channel.UnaryAsync(EchoMethods.Say, new EchoRequest());

        var e = await Assert.ThrowsAsync<GrpcException>(
            () => peer.Channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Hang = true }, new GrpcCallOptions { Timeout = TimeSpan.FromSeconds(1) }));

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, e.Code);
        await peer.CancellationAsync();
    }

    [Fact]
    public async Task OurClient_AgainstGrpcJs_CancelsACall()
    {
        await using var peer = await Peer.StartAsync();
        using var cancel = new CancellationTokenSource();
        await using var call = peer.Channel.Duplex(EchoMethods.Chat, cancellationToken: cancel.Token);
        await call.WriteAsync(new EchoRequest { Hang = true });
        await call.ReadAsync();

        await cancel.CancelAsync();

        var e = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask().WaitAsync(Limits.Patience));
        Assert.Equal(GrpcStatusCode.Cancelled, e.Code);
        await peer.CancellationAsync();
    }

    [Fact]
    public async Task OurClient_AgainstGrpcJs_CarriesLargeMessages()
    {
        await using var peer = await Peer.StartAsync();
        var payload = UnaryTests.RandomBytes(3_900_000);

        Assert.Equal(payload, (await peer.Channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Payload = payload })).Payload);
        await using var call = peer.Channel.Duplex(EchoMethods.Chat);
        var reading = call.ReadAllAsync().ToListAsync().AsTask();
        for (var i = 0; i < 4; i++)
            await call.WriteAsync(new EchoRequest { Payload = payload });
        await call.CompleteAsync();

        Assert.All(await reading.WaitAsync(Limits.Patience), r => Assert.Equal(payload, r.Payload));
    }

    [Fact]
    public async Task OurClient_AgainstGrpcJs_SeesItsLimitAsResourceExhausted()
    {
        await using var peer = await Peer.StartAsync();
        var e = await Assert.ThrowsAsync<GrpcException>(
            () => peer.Channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Payload = UnaryTests.RandomBytes(10_000_000) }).WaitAsync(Limits.Patience));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.Code);
    }

    [Fact]
    public async Task OurClient_WhenGrpcJsIsKilled_EndsItsCallsWithUnavailable()
    {
        await using var peer = await Peer.StartAsync();
        await using var call = peer.Channel.Duplex(EchoMethods.Chat);
        await call.WriteAsync(new EchoRequest { Hang = true });
        await call.ReadAsync();

        await peer.KillAsync();

        var e = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask().WaitAsync(Limits.Patience));
        Assert.Equal(GrpcStatusCode.Unavailable, e.Code);
    }

    private sealed class Peer(ForeignProcess server, GrpcChannel channel) : IAsyncDisposable
    {
        public GrpcChannel Channel { get; } = channel;

        public static async Task<Peer> StartAsync()
        {
            var (server, address) = await ForeignProcess.ServeWithNodeAsync("server.js");
            return new Peer(server, new GrpcChannel(address, new GrpcChannelOptions { SendBytesMax = 100_000_000 }));
        }

        public Task KillAsync() => server.KillAsync();

        /// <summary>Waits until the server has seen a cancellation, which reaches it after the client has gone on. Of a deadline grpc-js may tell twice.</summary>
        public async Task CancellationAsync()
        {
            Assert.Equal("cancelled", await server.ReadLineAsync());
            Assert.InRange((await Channel.UnaryAsync(EchoMethods.Cancellations, new EchoRequest())).Number, 1, 2);
        }

        public async ValueTask DisposeAsync()
        {
            Channel.Dispose();
            await server.DisposeAsync();
        }
    }
}
