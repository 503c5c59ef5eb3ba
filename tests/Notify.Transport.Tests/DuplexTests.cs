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
        await using var server = await TestServer.StartAsync(ChatServer.Options(async (_, responses, call) =>
        {
            call.ResponseHeaders.Add("x-first", "server");
            await responses.WriteAsync(new EchoReply { Text = "welcome" });
        }));
        using var channel = server.Connect();
        await using var call = channel.Duplex(ChatServer.Method);

        Assert.Equal("server", (await call.ReadHeadersAsync()).GetText("x-first"));
        Assert.Equal("welcome", (await call.ReadAsync()).Text);
    }

    [Fact]
    public async Task Duplex_WhenHeadersAreSentAlone_TheyArriveBeforeAnyMessage()
    {
        var go = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(ChatServer.Options(async (_, _, call) =>
        {
            call.ResponseHeaders.Add("x-early", "yes");
            await call.SendHeadersAsync();
            await go.Task;
        }));
        using var channel = server.Connect();
        await using var call = channel.Duplex(ChatServer.Method);

        var headers = await call.ReadHeadersAsync().WaitAsync(Limits.Patience);

        Assert.Equal("yes", headers.GetText("x-early"));
        go.SetResult();
        Assert.False(await call.WaitToReadAsync());
    }

    [Fact]
    public async Task Duplex_WhenTheServerDoesNotRead_HoldsTheWriterBack()
    {
        var go = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(ChatServer.Options(async (requests, responses, _) =>
        {
            await go.Task;
            var count = await requests.ReadAllAsync().CountAsync();
            await responses.WriteAsync(new EchoReply { Number = count });
        }));
        using var channel = server.Connect();
        await using var call = channel.Duplex(ChatServer.Method);

        var message = new EchoRequest { Payload = UnaryTests.RandomBytes(100_000) };
        var written = 0;
        var flush = default(Task);
        // Kestrel's windows hold less than 100 MB by far, so one of these does not complete.
        for (; written < 1000; written++)
        {
            call.Write(message);
            flush = call.FlushAsync().AsTask();
            if (await Task.WhenAny(flush, Task.Delay(Limits.Stall)) != flush)
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
        await using var server = await TestServer.StartAsync(ChatServer.Options(async (_, responses, call) =>
        {
            var message = new EchoReply { Payload = UnaryTests.RandomBytes(100_000) };
            for (var i = 0; i < 1000; i++)
            {
                responses.Write(message);
                var flush = responses.FlushAsync().AsTask();
                if (await Task.WhenAny(flush, Task.Delay(Limits.Stall, call.CancellationToken)) != flush)
                    stalled.TrySetResult(i);
                await flush;
            }
        }));
        using var channel = server.Connect();
        await using var call = channel.Duplex(ChatServer.Method);

        Assert.InRange(await stalled.Task.WaitAsync(Limits.Patience), 1, 500);
        Assert.Equal(1000, await call.ReadAllAsync().CountAsync().AsTask().WaitAsync(Limits.Patience));
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
}
