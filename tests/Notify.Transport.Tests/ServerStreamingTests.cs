using System.Buffers;
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
    public async Task ServerStreaming_DisposedWhileAMessageIsDecoded_LeavesItItsBytes()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        using var codec = new HeldCodec<EchoReply>(EchoMethods.Repeat.ResponseCodec);
        var call = channel.ServerStreaming(EchoMethods.Repeat with { ResponseCodec = codec }, new EchoRequest { Copies = 1, Hang = true, Text = "whole" });
        var reading = Task.Run(async () => await call.ReadAsync());
        await codec.Reading.WaitAsync(Limits.Patience);

        var disposing = Task.Run(async () =>
        {
            await call.DisposeAsync();
            return codec.HasRead;
        });
        Assert.Equal("whole", await server.Echo.NextCancelledAsync()); // Disposal is under way: the server has heard of it.
        codec.Release();

        Assert.Equal(0, (await reading.WaitAsync(Limits.Patience)).Number);
        Assert.True(await disposing.WaitAsync(Limits.Patience));
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

    /// <summary>Reads nothing before it is released.</summary>
    private sealed class HeldCodec<T>(IMessageCodec<T> codec) : IMessageCodec<T>, IDisposable
    {
        private readonly TaskCompletionSource _reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _released = new();
        private volatile bool _hasRead;

        public Task Reading => _reading.Task;

        public bool HasRead => _hasRead;

        public void Release() => _released.Set();

        public int SizeOf(T message) => codec.SizeOf(message);

        public void Write(T message, IBufferWriter<byte> output) => codec.Write(message, output);

        public T Read(in ReadOnlySequence<byte> bytes)
        {
            _reading.TrySetResult();
            _released.Wait();
            var message = codec.Read(bytes);
            _hasRead = true;
            return message;
        }

        public void Dispose() => _released.Dispose();
    }
}
