using Notify.Client.Transport;
using Notify.Core.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

/// <summary>The ways in which a duplex call ends.</summary>
public sealed class DuplexEndTests
{
    [Fact]
    public async Task Duplex_WhenTheServerEndsWithAStatus_ReadingGivesTheRepliesAndThenTheStatus()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        await using var call = channel.Duplex(EchoMethods.Chat);
        await call.WriteAsync(new EchoRequest { Copies = 3, Status = 9, Detail = "not now" });

        var replies = new List<EchoReply>();
        var e = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            await foreach (var reply in call.ReadAllAsync())
                replies.Add(reply);
        });

        Assert.Equal(3, replies.Count);
        Assert.Equal(new GrpcStatus(GrpcStatusCode.FailedPrecondition, "not now"), e.Status);
        Assert.Equal("asked-for", e.Trailers.GetText("x-why"));
        Assert.Equal(e.Status, call.Status);
    }

    [Fact]
    public async Task Duplex_WhenTheServerRefusesAtOnce_WritingEndsAndReadingTellsTheStatus()
    {
        await using var server = await TestServer.StartAsync(ChatServer.Options(
            (_, _, _) => throw new GrpcException(GrpcStatusCode.PermissionDenied, "not you")));
        using var channel = server.Connect();
        await using var call = channel.Duplex(ChatServer.Method);

        var reading = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask());
        var writing = await Assert.ThrowsAsync<GrpcException>(() => call.WriteAsync(new EchoRequest()).AsTask());

        Assert.Equal(GrpcStatusCode.PermissionDenied, reading.Code);
        Assert.Equal(GrpcStatusCode.PermissionDenied, writing.Code);
    }

    [Fact]
    public async Task Duplex_WhenTheServerEndsWhileTheWriterIsHeldBack_TheWriterIsFreed()
    {
        var go = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(ChatServer.Options(async (_, responses, _) =>
        {
            await responses.WriteAsync(new EchoReply());
            await go.Task;
            throw new GrpcException(GrpcStatusCode.Aborted, "enough");
        }));
        using var channel = server.Connect();
        await using var call = channel.Duplex(ChatServer.Method);
        await call.ReadAsync();

        var writing = Assert.ThrowsAsync<GrpcException>(async () =>
        {
            while (true)
                await call.WriteAsync(new EchoRequest { Payload = UnaryTests.RandomBytes(100_000) });
        });
        go.SetResult();

        await writing.WaitAsync(Limits.Patience);
        var reading = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask());
        Assert.Equal(new GrpcStatus(GrpcStatusCode.Aborted, "enough"), reading.Status);
    }

    [Fact]
    public async Task Duplex_WhenDisposed_ResetsTheCallAndTheHandlerNotices()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        var call = channel.Duplex(EchoMethods.Chat);
        await call.WriteAsync(new EchoRequest { Hang = true, Text = "disposed" });
        await call.ReadAsync();

        await call.DisposeAsync();

        Assert.Equal("disposed", await server.Echo.NextCancelledAsync());
        Assert.Equal(GrpcStatusCode.Cancelled, call.Status?.Code);
        var e = await Assert.ThrowsAsync<GrpcException>(() => call.WriteAsync(new EchoRequest()).AsTask());
        Assert.Equal(GrpcStatusCode.Cancelled, e.Code);
    }

    [Fact]
    public async Task Duplex_WhenTheClientCancelsDuringARead_TheHandlersReadEndsWithCancelled()
    {
        var ended = new TaskCompletionSource<Exception>();
        await using var server = await TestServer.StartAsync(ChatServer.Options(async (requests, responses, _) =>
        {
            await responses.WriteAsync(new EchoReply());
            ended.SetResult(await Assert.ThrowsAnyAsync<Exception>(() => requests.ReadAsync().AsTask()));
        }));
        using var channel = server.Connect();
        using var cancel = new CancellationTokenSource();
        await using var call = channel.Duplex(ChatServer.Method, cancellationToken: cancel.Token);
        await call.ReadAsync();

        await cancel.CancelAsync();

        var e = Assert.IsType<GrpcException>(await ended.Task.WaitAsync(Limits.Patience));
        Assert.Equal(GrpcStatusCode.Cancelled, e.Code);
    }

    [Fact]
    public async Task Duplex_WhenTheClientCancelsDuringAHeldBackWrite_TheHandlersWriteEndsWithCancelled()
    {
        var ended = new TaskCompletionSource<Exception>();
        await using var server = await TestServer.StartAsync(ChatServer.Options(async (_, responses, _) =>
        {
            var message = new EchoReply { Payload = UnaryTests.RandomBytes(100_000) };
            ended.SetResult(await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                while (true)
                    await responses.WriteAsync(message);
            }));
        }));
        using var channel = server.Connect();
        await using (var call = channel.Duplex(ChatServer.Method))
        {
            await call.ReadAsync();
        }

        var e = Assert.IsType<GrpcException>(await ended.Task.WaitAsync(Limits.Patience));
        Assert.Equal(GrpcStatusCode.Cancelled, e.Code);
    }

    [Fact]
    public async Task Duplex_WhenAWaitIsCancelled_TheCallGoesOn()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        await using var call = channel.Duplex(EchoMethods.Chat);
        await call.WriteAsync(new EchoRequest { Text = "1" });
        await call.ReadAsync();
        using var impatience = new CancellationTokenSource();

        var waiting = call.WaitToReadAsync(impatience.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        await call.WriteAsync(new EchoRequest { Text = "2" });
        Assert.Equal("2", (await call.ReadAsync()).Text);
    }

    [Fact]
    public async Task Deadline_OfADuplexCall_EndsReadsAndWritesOnBothSides()
    {
        var ended = new TaskCompletionSource<Exception>();
        await using var server = await TestServer.StartAsync(ChatServer.Options(async (requests, _, call) =>
        {
            Assert.Equal(TimeSpan.FromSeconds(1), call.Timeout);
            ended.SetResult(await Assert.ThrowsAnyAsync<Exception>(() => requests.ReadAsync().AsTask()));
        }));
        using var channel = server.Connect();
        await channel.UnaryAsync(EchoMethods.Say, new EchoRequest());
        await using var call = channel.Duplex(ChatServer.Method, new GrpcCallOptions { Timeout = TimeSpan.FromSeconds(1) });

        var reading = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask().WaitAsync(Limits.Patience));
        var writing = await Assert.ThrowsAsync<GrpcException>(() => call.WriteAsync(new EchoRequest()).AsTask());

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, reading.Code);
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, writing.Code);
        // The server's own timer, or the client's reset if that was quicker.
        var e = Assert.IsType<GrpcException>(await ended.Task.WaitAsync(Limits.Patience));
        Assert.True(e.Code is GrpcStatusCode.DeadlineExceeded or GrpcStatusCode.Cancelled);
    }

    [Fact]
    public async Task Abort_ByTheHandler_ResetsTheCall()
    {
        await using var server = await TestServer.StartAsync(ChatServer.Options((_, _, call) =>
        {
            call.Abort();
            return Task.CompletedTask;
        }));
        using var channel = server.Connect();
        await using var call = channel.Duplex(ChatServer.Method);

        var e = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask().WaitAsync(Limits.Patience));

        Assert.Equal(GrpcStatusCode.Internal, e.Code);
    }
}
