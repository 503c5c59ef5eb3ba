using System.Net;
using System.Net.Sockets;
using Notify.Client.Transport;
using Notify.Core.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

public sealed class ConnectionTests
{
    [Fact]
    public async Task Calls_OneAfterTheOtherAndAtOnce_ShareOneConnection()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();

        for (var i = 0; i < 20; i++)
            await channel.UnaryAsync(EchoMethods.Say, new EchoRequest());
        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Text = $"{i}" })));

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), replies.Select(r => r.Text));
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Calls_ThatFailOrAreCancelled_KeepTheConnection()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();

        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Status = 5 }));
            await using var call = channel.Duplex(EchoMethods.Chat);
            await call.WriteAsync(new EchoRequest { Hang = true });
            await call.ReadAsync();
        }

        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Calls_BeyondTheServersStreamLimit_GetAnotherConnection()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect();
        var calls = new List<DuplexCall<EchoRequest, EchoReply>>();

        for (var i = 0; i < 150; i++)
        {
            calls.Add(channel.Duplex(EchoMethods.Chat));
            await calls[i].WriteAsync(new EchoRequest());
            await calls[i].ReadAsync().AsTask().WaitAsync(Limits.Patience);
        }

        Assert.Equal(2, server.Connections);
        foreach (var call in calls)
            await call.DisposeAsync();
    }

    [Fact]
    public async Task Connect_WhenNobodyListens_IsUnavailableAtOnceForEveryKindOfCall()
    {
        using var channel = new GrpcChannel(await UnusedAddressAsync());

        var unary = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoMethods.Say, new EchoRequest()));
        await using var duplex = channel.Duplex(EchoMethods.Chat);
        var reading = await Assert.ThrowsAsync<GrpcException>(() => duplex.ReadAsync().AsTask());
        var writing = await Assert.ThrowsAsync<GrpcException>(() => duplex.WriteAsync(new EchoRequest()).AsTask());
        await using var streaming = channel.ServerStreaming(EchoMethods.Repeat, new EchoRequest());
        var headers = await Assert.ThrowsAsync<GrpcException>(() => streaming.ReadHeadersAsync());

        Assert.All([unary, reading, writing, headers], e => Assert.Equal(GrpcStatusCode.Unavailable, e.Code));
        Assert.Contains("refused", unary.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ToANameThatDoesNotResolve_IsUnavailable()
    {
        using var channel = new GrpcChannel(new Uri("http://nowhere.invalid:1"));

        var e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoMethods.Say, new EchoRequest()).WaitAsync(Limits.Patience));

        Assert.Equal(GrpcStatusCode.Unavailable, e.Code);
    }

    [Fact]
    public async Task Connect_ToAnAddressThatSwallowsPackets_IsGivenUpAfterTheConnectTimeout()
    {
        // A listener with a full backlog answers no further SYN: it is a black hole to those that come later.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var endPoint = (IPEndPoint)listener.LocalEndPoint!;
        var fillers = new List<Socket>();
        for (var full = false; !full;)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            fillers.Add(filler);
            var connecting = filler.ConnectAsync(endPoint);
            full = await Task.WhenAny(connecting, Task.Delay(Limits.Stall)) != connecting;
        }
        using var channel = new GrpcChannel(
            new Uri($"http://{endPoint}"), new GrpcChannelOptions { ConnectTimeout = TimeSpan.FromMilliseconds(500) });

        // Far below the minutes that the operating system would take.
        var e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest()).WaitAsync(TimeSpan.FromSeconds(10)));

        Assert.Equal(GrpcStatusCode.Unavailable, e.Code);
        fillers.ForEach(f => f.Dispose());
    }

    [Fact]
    public async Task Deadline_WhileConnecting_IsDeadlineExceeded()
    {
        await using var peer = new TestPeer((_, _, stop) => Task.Delay(Timeout.Infinite, stop));
        using var channel = new GrpcChannel(peer.Address);

        var e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest(), new GrpcCallOptions { Timeout = TimeSpan.FromMilliseconds(200) })
                .WaitAsync(Limits.Patience));

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, e.Code);
    }

    [Fact]
    public async Task KeepAlive_WhenThePeerIsSilent_EndsTheCallsWithUnavailable()
    {
        await using var peer = new TestPeer(async (stream, _, stop) =>
        {
            await TestPeer.OpenHttp2Async(stream, stop);
            await stream.CopyToAsync(Stream.Null, stop);
        });
        using var channel = new GrpcChannel(
            peer.Address, new GrpcChannelOptions { KeepAliveInterval = TimeSpan.FromSeconds(1), KeepAliveTimeout = TimeSpan.FromSeconds(1) });
        await using var call = channel.Duplex(EchoMethods.Chat);

        var e = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask().WaitAsync(Limits.Patience));

        Assert.Equal(GrpcStatusCode.Unavailable, e.Code);
        Assert.Contains("ping", e.Status.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task KeepAlive_WhenThePeerGoesSilentInACall_EndsItWithUnavailable()
    {
        await using var server = await TestServer.StartAsync();
        using var cut = new CancellationTokenSource();
        await using var peer = new TestPeer(async (stream, _, stop) =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, cut.Token);
            try
            {
                await TestPeer.ForwardAsync(stream, server.Address, either.Token);
            }
            finally
            {
                // Half-open: the connection stays, and nothing passes any more.
                await Task.Delay(Timeout.Infinite, stop);
            }
        });
        using var channel = new GrpcChannel(
            peer.Address, new GrpcChannelOptions { KeepAliveInterval = TimeSpan.FromSeconds(1), KeepAliveTimeout = TimeSpan.FromSeconds(1) });
        await using var call = channel.Duplex(EchoMethods.Chat);
        await call.WriteAsync(new EchoRequest());
        await call.ReadAsync();

        await cut.CancelAsync();

        var e = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask().WaitAsync(Limits.Patience));
        Assert.Equal(GrpcStatusCode.Unavailable, e.Code);
    }

    [Fact]
    public async Task Connection_ThatBreaks_EndsItsCallsWithUnavailableAndTheNextCallConnectsAgain()
    {
        await using var server = await TestServer.StartAsync();
        using var cut = new CancellationTokenSource();
        await using var peer = new TestPeer(async (stream, number, stop) =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, number == 1 ? cut.Token : stop);
            await TestPeer.ForwardAsync(stream, server.Address, either.Token);
        });
        using var channel = new GrpcChannel(peer.Address);
        await using var call = channel.Duplex(EchoMethods.Chat);
        await call.WriteAsync(new EchoRequest());
        await call.ReadAsync();

        await cut.CancelAsync();

        var e = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync().AsTask().WaitAsync(Limits.Patience));
        Assert.Equal(GrpcStatusCode.Unavailable, e.Code);
        Assert.Equal("again", (await channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Text = "again" })).Text);
        Assert.Equal(2, peer.Connections);
    }

    [Fact]
    public async Task Server_ThatSpeaksHttp1_IsAnErrorWithAStatus()
    {
        await using var peer = new TestPeer(async (stream, _, stop) =>
        {
            await stream.ReadExactlyAsync(new byte[24], stop);
            await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"u8.ToArray(), stop);
        });
        using var channel = new GrpcChannel(peer.Address);

        var e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest()).WaitAsync(Limits.Patience));

        Assert.True(e.Code is GrpcStatusCode.Unavailable or GrpcStatusCode.Internal);
    }

    [Fact]
    public async Task Dispose_OfTheChannel_ClosesItsConnection()
    {
        await using var server = await TestServer.StartAsync();
        var closed = new TaskCompletionSource();
        await using var peer = new TestPeer(async (stream, _, stop) =>
        {
            await TestPeer.ForwardAsync(stream, server.Address, stop);
            closed.SetResult();
        });
        var channel = new GrpcChannel(peer.Address);
        await channel.UnaryAsync(EchoMethods.Say, new EchoRequest());

        channel.Dispose();

        await closed.Task.WaitAsync(Limits.Patience);
    }

    [Theory]
    [InlineData("ftp://host:1")]
    [InlineData("http://host:1/path")]
    public void Channel_WithAnAddressOfAnotherForm_IsRefused(string address) =>
        Assert.Throws<ArgumentException>(() => new GrpcChannel(new Uri(address)));

    private static async Task<Uri> UnusedAddressAsync()
    {
        await using var peer = new TestPeer((_, _, _) => Task.CompletedTask);
        return peer.Address;
    }
}
