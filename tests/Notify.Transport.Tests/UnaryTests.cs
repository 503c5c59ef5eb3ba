using Google.Protobuf;
using Notify.Client.Transport;
using Notify.Core.Transport;
using Notify.Server.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

public sealed class UnaryTests
{
    [Fact]
    public async Task Unary_WithARequest_GivesItsResponse()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();

        var reply = await channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Text = "hello" });

        Assert.Equal("hello", reply.Text);
    }

    [Fact]
    public async Task Unary_WithEmptyMessages_Works()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();

        Assert.Equal(new EchoReply(), await channel.UnaryAsync(EchoMethods.Say, new EchoRequest()));
    }

    [Fact]
    public async Task Unary_WithMetadata_CarriesTextAndBytesBothWays()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        byte[] bytes = [0, 1, 2, 250, 255];
        var headers = new GrpcMetadata { { "x-text", "a text, with punctuation" }, { "x-bytes-bin", bytes } };

        var result = await channel.UnaryWithMetadataAsync(EchoMethods.Say, new EchoRequest(), new GrpcCallOptions { Headers = headers });

        Assert.Equal("a text, with punctuation", result.Headers.GetText("x-text-header"));
        Assert.Equal("a text, with punctuation", result.Trailers.GetText("x-text-trailer"));
        Assert.Equal(bytes, result.Headers.GetBytes("x-bytes-header-bin")!.Value.ToArray());
        Assert.Equal(bytes, result.Trailers.GetBytes("x-bytes-trailer-bin")!.Value.ToArray());
    }

    [Theory]
    [InlineData(GrpcStatusCode.NotFound, "no app 'x'")]
    [InlineData(GrpcStatusCode.InvalidArgument, "100% wrong:\r\n größer als 10 µs \u4f60\u597d \U0001F600")]
    [InlineData(GrpcStatusCode.Unauthenticated, "")]
    public async Task Unary_WhenTheHandlerThrowsAStatus_ThrowsItWithDetailAndTrailers(GrpcStatusCode code, string detail)
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();

        var e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Status = (int)code, Detail = detail }));

        Assert.Equal(new GrpcStatus(code, detail), e.Status);
        Assert.Equal("asked-for", e.Trailers.GetText("x-why"));
    }

    [Fact]
    public async Task Unary_WhenTheHandlerThrowsSomethingElse_IsUnknownAndTellsNothingButTheLog()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();

        var e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Status = 99 }));

        Assert.Equal(GrpcStatusCode.Unknown, e.Code);
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
        var line = Assert.Single(server.Log);
        Assert.Contains("2000 The handler of /notify.test.Echo/Say failed", line, StringComparison.Ordinal);
        Assert.Contains("secret of the server", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unary_OfAMethodThatIsNotMapped_IsUnimplemented(bool mapUnimplemented)
    {
        await using var server = await TestServer.StartAsync(new() { MapUnimplemented = mapUnimplemented });
        using var channel = server.Connect();

        var e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoMethods.Unknown, new EchoRequest()));

        Assert.Equal(GrpcStatusCode.Unimplemented, e.Code);
        Assert.Contains(mapUnimplemented ? "/notify.test.Echo/NoSuchMethod" : "404", e.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unary_WithLargeMessages_CarriesThem()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        var payload = RandomBytes(4_000_000);

        var reply = await channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Payload = payload });

        Assert.Equal(payload, reply.Payload);
    }

    [Fact]
    public async Task Unary_WithARequestAboveTheServersLimit_IsResourceExhausted()
    {
        await using var server = await TestServer.StartAsync(new() { Endpoints = new GrpcEndpointOptions { ReceiveBytesMax = 1000 } });
        using var channel = server.Connect();

        var e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Payload = RandomBytes(998) }));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.Code);
        Assert.Contains("1001 bytes is above the limit of 1000", e.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(997, (await channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Payload = RandomBytes(997) })).Payload.Length);
    }

    [Fact]
    public async Task Unary_WithAResponseAboveTheServersLimit_IsResourceExhausted()
    {
        await using var server = await TestServer.StartAsync(new() { Endpoints = new GrpcEndpointOptions { SendBytesMax = 1000 } });
        using var channel = server.Connect();

        var e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Payload = RandomBytes(2000) }));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.Code);
    }

    [Fact]
    public async Task Unary_WithARequestAboveTheClientsLimit_IsRefusedWithoutSendingIt()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect(new GrpcChannelOptions { SendBytesMax = 1000 });

        var e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Payload = RandomBytes(2000) }));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.Code);
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task Unary_WithAResponseAboveTheClientsLimit_IsResourceExhaustedAndTheConnectionGoesOn()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect(new GrpcChannelOptions { ReceiveBytesMax = 1000 });

        var e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Payload = RandomBytes(1_000_000) }));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.Code);
        Assert.Equal("after", (await channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Text = "after" })).Text);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Deadline_WhenTheHandlerIsSilent_EndsWithDeadlineExceededOnBothSides()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        // Connected and warm, so that the next call is at its handler long before its deadline.
        await channel.UnaryAsync(EchoMethods.Say, new EchoRequest());

        var e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(
                EchoMethods.Say, new EchoRequest { Hang = true, Text = "slow" }, new GrpcCallOptions { Timeout = TimeSpan.FromSeconds(1) }));

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, e.Code);
        Assert.Equal("slow", await server.Echo.NextCancelledAsync());
    }

    [Fact]
    public async Task Deadline_OfAQuickCall_IsNotFelt()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();

        var reply = await channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Text = "quick" }, new GrpcCallOptions { Timeout = Limits.Patience });

        Assert.Equal("quick", reply.Text);
    }

    [Fact]
    public async Task Cancellation_OfTheCaller_IsCancelledAndReachesTheHandler()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        using var cancel = new CancellationTokenSource();
        await using var hanging = channel.ServerStreaming(
            EchoMethods.Repeat, new EchoRequest { Hang = true, Text = "cancelled", Copies = 1 }, cancellationToken: cancel.Token);
        await hanging.ReadAsync();

        await cancel.CancelAsync();

        var e = await Assert.ThrowsAsync<GrpcException>(() => hanging.ReadAsync().AsTask());
        Assert.Equal(GrpcStatusCode.Cancelled, e.Code);
        Assert.Equal("cancelled", await server.Echo.NextCancelledAsync());
    }

    [Fact]
    public async Task Cancellation_BeforeTheCall_IsCancelledAndConnectsNothing()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();

        var e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest(), cancellationToken: new CancellationToken(canceled: true)));

        Assert.Equal(GrpcStatusCode.Cancelled, e.Code);
        Assert.Equal(0, server.Connections);
    }

    internal static ByteString RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return ByteString.CopyFrom(bytes);
    }
}
