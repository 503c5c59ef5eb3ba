using Notify.Core.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

public sealed class ServerStreamingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task ServerStreaming_WithReplies_GivesAllAndEnds(int copies)
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        await using var call = channel.ServerStreaming(EchoMethods.Repeat, new EchoRequest { Copies = copies });

        var replies = await call.ReadAllAsync().ToListAsync();

        Assert.Equal(Enumerable.Range(0, copies), replies.Select(r => r.Number));
        Assert.Equal(GrpcStatus.Ok, call.Status);
    }

    [Fact]
    public async Task ServerStreaming_ThatFailsAfterReplies_GivesThemAndThenTheStatus()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        await using var call = channel.ServerStreaming(EchoMethods.Repeat, new EchoRequest { Copies = 2, Status = 15, Detail = "lost" });

        Assert.Equal(0, (await call.ReadAsync()).Number);
        Assert.Equal(1, (await call.ReadAsync()).Number);
        var e = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask());

        Assert.Equal(new GrpcStatus(GrpcStatusCode.DataLoss, "lost"), e.Status);
        Assert.Equal("asked-for", call.Trailers.GetText("x-why"));
    }

    [Fact]
    public async Task ServerStreaming_WhenDisposed_ReachesTheHandler()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        await using (var call = channel.ServerStreaming(EchoMethods.Repeat, new EchoRequest { Copies = 1, Hang = true, Text = "left" }))
            await call.ReadAsync();

        Assert.Equal("left", await server.Echo.NextCancelledAsync());
    }

    [Fact]
    public async Task ServerStreaming_WhenTheHostStops_EndsWithUnavailableAndDoesNotHoldItUp()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        await using var call = channel.ServerStreaming(EchoMethods.Repeat, new EchoRequest { Copies = 1, Hang = true });
        await call.ReadAsync();

        var stopping = server.StopAsync();

        var e = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask().WaitAsync(Limits.Patience));
        Assert.Equal(GrpcStatusCode.Unavailable, e.Code);
        await stopping.WaitAsync(Limits.Patience / 2);
    }
}
