using Notify.Client.Transport;
using Notify.Core.Transport;
using Notify.Server.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

public sealed class DuplexTests
{
    [Fact]
    public async Task Duplex_WithRequestsOneByOne_RepliesToEachBeforeTheNext()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        await using var call = channel.Duplex(EchoMethods.Chat);

        for (var i = 0; i < 100; i++)
        {
            await call.WriteAsync(new EchoRequest { Text = $"{i}" });
            Assert.Equal(new EchoReply { Text = $"{i}", Number = i }, await call.ReadAsync());
        }
        await call.CompleteAsync();

        Assert.False(await call.WaitToReadAsync());
        Assert.Equal(GrpcStatus.Ok, call.Status);
    }

    [Fact]
    public async Task Duplex_WithABatchAndOneFlush_CarriesAllInOrder()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        await using var call = channel.Duplex(EchoMethods.Chat);

        for (var i = 0; i < 5000; i++)
            call.Write(new EchoRequest { Text = $"{i}" });
        Assert.InRange(call.UnflushedBytes, 5000 * 8, 5000 * 12);
        var reading = call.ReadAllAsync().Take(5000).ToListAsync();
        await call.FlushAsync();
        var replies = await reading.AsTask().WaitAsync(Limits.Patience);

        Assert.Equal(0, call.UnflushedBytes);
        Assert.Equal(Enumerable.Range(0, 5000), replies.Select(r => r.Number));
    }

    [Fact]
    public async Task Duplex_WithLargeMessagesBothWaysAtOnce_CarriesThem()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        await using var call = channel.Duplex(EchoMethods.Chat);
        var payload = UnaryTests.RandomBytes(3_000_000);

        var reading = call.ReadAllAsync().ToListAsync();
        for (var i = 0; i < 8; i++)
            await call.WriteAsync(new EchoRequest { Payload = payload });
        await call.CompleteAsync();
        var replies = await reading.AsTask().WaitAsync(Limits.Patience);

        Assert.Equal(8, replies.Count);
        Assert.All(replies, r => Assert.Equal(payload, r.Payload));
    }

    [Fact]
    public async Task Duplex_WhenTheServerSpeaksFirst_IsHeardBeforeAnyRequest()
    {
        await using var server = await TestServer.StartAsync(Chat(async (_, responses, call) =>
        {
            call.ResponseHeaders.Add("x-first", "server");
            await responses.WriteAsync(new EchoReply { Text = "welcome" });
        }));
        using var channel = server.Connect();
        await using var call = channel.Duplex(OtherChat);

        Assert.Equal("server", (await call.ReadHeadersAsync()).GetText("x-first"));
        Assert.Equal("welcome", (await call.ReadAsync()).Text);
    }

    [Fact]
    public async Task Duplex_WhenHeadersAreSentAlone_TheyArriveBeforeAnyMessage()
    {
        var go = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(Chat(async (_, _, call) =>
        {
            call.ResponseHeaders.Add("x-early", "yes");
            await call.SendHeadersAsync();
            await go.Task;
        }));
        using var channel = server.Connect();
        await using var call = channel.Duplex(OtherChat);

        var headers = await call.ReadHeadersAsync().WaitAsync(Limits.Patience);

        Assert.Equal("yes", headers.GetText("x-early"));
        go.SetResult();
        Assert.False(await call.WaitToReadAsync());
    }

    [Fact]
    public async Task Duplex_WhenTheServerDoesNotRead_HoldsTheWriterBack()
    {
        var go = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(Chat(async (requests, responses, _) =>
        {
            await go.Task;
            var count = await requests.ReadAllAsync().CountAsync();
            await responses.WriteAsync(new EchoReply { Number = count });
        }));
        using var channel = server.Connect();
        await using var call = channel.Duplex(OtherChat);

        var message = new EchoRequest { Payload = UnaryTests.RandomBytes(100_000) };
        var written = 0;
        var flush = default(Task);
        // Kestrel's windows hold less than 100 MB by far, so one of these does not complete.
        for (; written < 1000; written++)
        {
            call.Write(message);
            flush = call.FlushAsync().AsTask();
            if (await Task.WhenAny(flush, Task.Delay(500)) != flush)
                break;
        }
        Assert.InRange(written, 1, 999);
        Assert.False(flush!.IsCompleted);

        go.SetResult();
        await flush.WaitAsync(Limits.Patience);
        await call.CompleteAsync();
        Assert.Equal(written + 1, (await call.ReadAsync()).Number);
    }

    [Fact]
    public async Task Duplex_WhenTheClientDoesNotRead_HoldsTheServersWriterBack()
    {
        var stalled = new TaskCompletionSource<int>();
        await using var server = await TestServer.StartAsync(Chat(async (_, responses, call) =>
        {
            var message = new EchoReply { Payload = UnaryTests.RandomBytes(100_000) };
            for (var i = 0; i < 1000; i++)
            {
                responses.Write(message);
                var flush = responses.FlushAsync().AsTask();
                if (await Task.WhenAny(flush, Task.Delay(500, call.CancellationToken)) != flush)
                    stalled.TrySetResult(i);
                await flush;
            }
        }));
        using var channel = server.Connect();
        await using var call = channel.Duplex(OtherChat);

        Assert.InRange(await stalled.Task.WaitAsync(Limits.Patience), 1, 500);
        Assert.Equal(1000, await call.ReadAllAsync().CountAsync().AsTask().WaitAsync(Limits.Patience));
    }

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
        await using var server = await TestServer.StartAsync(Chat(
            (_, _, _) => throw new GrpcException(GrpcStatusCode.PermissionDenied, "not you")));
        using var channel = server.Connect();
        await using var call = channel.Duplex(OtherChat);

        var reading = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask());
        var writing = await Assert.ThrowsAsync<GrpcException>(() => call.WriteAsync(new EchoRequest()).AsTask());

        Assert.Equal(GrpcStatusCode.PermissionDenied, reading.Code);
        Assert.Equal(GrpcStatusCode.PermissionDenied, writing.Code);
    }

    [Fact]
    public async Task Duplex_WhenTheServerEndsWhileTheWriterIsHeldBack_TheWriterIsFreed()
    {
        var go = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(Chat(async (_, responses, _) =>
        {
            await responses.WriteAsync(new EchoReply());
            await go.Task;
            throw new GrpcException(GrpcStatusCode.Aborted, "enough");
        }));
        using var channel = server.Connect();
        await using var call = channel.Duplex(OtherChat);
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
        await using var server = await TestServer.StartAsync(Chat(async (requests, responses, _) =>
        {
            await responses.WriteAsync(new EchoReply());
            ended.SetResult(await Assert.ThrowsAnyAsync<Exception>(() => requests.ReadAsync().AsTask()));
        }));
        using var channel = server.Connect();
        using var cancel = new CancellationTokenSource();
        await using var call = channel.Duplex(OtherChat, cancellationToken: cancel.Token);
        await call.ReadAsync();

        await cancel.CancelAsync();

        var e = Assert.IsType<GrpcException>(await ended.Task.WaitAsync(Limits.Patience));
        Assert.Equal(GrpcStatusCode.Cancelled, e.Code);
    }

    [Fact]
    public async Task Duplex_WhenTheClientCancelsDuringAHeldBackWrite_TheHandlersWriteEndsWithCancelled()
    {
        var ended = new TaskCompletionSource<Exception>();
        await using var server = await TestServer.StartAsync(Chat(async (_, responses, _) =>
        {
            var message = new EchoReply { Payload = UnaryTests.RandomBytes(100_000) };
            ended.SetResult(await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                while (true)
                    await responses.WriteAsync(message);
            }));
        }));
        using var channel = server.Connect();
        await using (var call = channel.Duplex(OtherChat))
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
        await using var server = await TestServer.StartAsync(Chat(async (requests, _, call) =>
        {
            Assert.Equal(TimeSpan.FromSeconds(1), call.Timeout);
            ended.SetResult(await Assert.ThrowsAnyAsync<Exception>(() => requests.ReadAsync().AsTask()));
        }));
        using var channel = server.Connect();
        await channel.UnaryAsync(EchoMethods.Say, new EchoRequest());
        await using var call = channel.Duplex(OtherChat, new GrpcCallOptions { Timeout = TimeSpan.FromSeconds(1) });

        var reading = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask().WaitAsync(Limits.Patience));
        var writing = await Assert.ThrowsAsync<GrpcException>(() => call.WriteAsync(new EchoRequest()).AsTask());

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, reading.Code);
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, writing.Code);
        // The server's own timer, or the client's reset if that was quicker.
        var e = Assert.IsType<GrpcException>(await ended.Task.WaitAsync(Limits.Patience));
        Assert.True(e.Code is GrpcStatusCode.DeadlineExceeded or GrpcStatusCode.Cancelled);
    }

    [Fact]
    public async Task Duplex_WithFramesThatAreEncodedAlready_CarriesTheBytes()
    {
        var method = new GrpcMethod<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>("notify.test.Echo", "Bytes", BytesCodec.Instance, BytesCodec.Instance);
        await using var server = await TestServer.StartAsync(new()
        {
            Map = endpoints => endpoints.MapGrpcDuplex(method, async (requests, responses, _) =>
            {
                await foreach (var frame in requests.ReadAllAsync())
                    await responses.WriteAsync(frame);
            }),
        });
        using var channel = server.Connect();
        await using var call = channel.Duplex(method);

        foreach (var length in new[] { 0, 1, 5, 4096, 65_536, 1_000_000 })
        {
            var frame = UnaryTests.RandomBytes(length).ToByteArray();
            await call.WriteAsync(frame);
            Assert.Equal(frame, (await call.ReadAsync()).ToArray());
        }
    }

    [Fact]
    public async Task Abort_ByTheHandler_ResetsTheCall()
    {
        await using var server = await TestServer.StartAsync(Chat((_, _, call) =>
        {
            call.Abort();
            return Task.CompletedTask;
        }));
        using var channel = server.Connect();
        await using var call = channel.Duplex(OtherChat);

        var e = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask().WaitAsync(Limits.Patience));

        Assert.Equal(GrpcStatusCode.Internal, e.Code);
    }

    private static GrpcMethod<EchoRequest, EchoReply> OtherChat { get; } =
        GrpcMethod.OfProtobuf<EchoRequest, EchoReply>("notify.test.Other", "Chat");

    private static TestServerOptions Chat(DuplexHandler<EchoRequest, EchoReply> handler) =>
        new() { Map = endpoints => endpoints.MapGrpcDuplex(OtherChat, handler) };
}
