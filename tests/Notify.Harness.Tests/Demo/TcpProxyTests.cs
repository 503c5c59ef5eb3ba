using System.Net;
using System.Net.Sockets;
using Notify.Harness.Demo.Nodes;

namespace Notify.Harness.Tests.Demo;

public sealed class TcpProxyTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly TcpListener _target = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(20));
    private readonly TcpProxy _proxy;

    public TcpProxyTests()
    {
        _target.Start();
        _proxy = new TcpProxy("127.0.0.1", ((IPEndPoint)_target.LocalEndpoint).Port);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _target.Dispose();
        _patience.Dispose();
    }

    [Fact]
    public async Task Connection_CarriesBytesBothWays_AndTheEndOfEach()
    {
        var (near, far) = await ConnectAsync();

        await near.SendAsync(new byte[] { 1, 2, 3 }, _patience.Token);
        Assert.Equal([1, 2, 3], await ReadAsync(far, 3));
        near.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await far.ReceiveAsync(new byte[1], _patience.Token));
        await far.SendAsync(new byte[] { 4 }, _patience.Token);
        Assert.Equal([4], await ReadAsync(near, 1));
    }

    [Fact]
    public async Task Cut_ResetsBothSides_AndNewConnections()
    {
        var (near, far) = await ConnectAsync();

        _proxy.Cut();

        await AssertResetAsync(near);
        await AssertResetAsync(far);
        await AssertNewIsResetAsync();
        Assert.Equal(1, _proxy.RefusedCount);
    }

    [Fact]
    public async Task Heal_LetsNewConnectionsThrough()
    {
        _proxy.Cut();
        _proxy.Heal();

        var (near, far) = await ConnectAsync();

        await far.SendAsync(new byte[] { 7 }, _patience.Token);
        Assert.Equal([7], await ReadAsync(near, 1));
    }

    [Fact]
    public async Task TargetThatIsGone_ResetsTheCaller()
    {
        _target.Stop();

        await AssertNewIsResetAsync();
    }

    private async Task<(Socket Near, Socket Far)> ConnectAsync()
    {
        var near = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync("127.0.0.1", _proxy.Address.Port, _patience.Token);
        return (near, await _target.AcceptSocketAsync(_patience.Token));
    }

    private async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        var buffer = new byte[count];
        for (var read = 0; read < count;)
            read += await socket.ReceiveAsync(buffer.AsMemory(read), _patience.Token);
        return buffer;
    }

    // The reset may come so soon that connecting itself fails.
    private async Task AssertNewIsResetAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var failure = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            await socket.ConnectAsync("127.0.0.1", _proxy.Address.Port, _patience.Token);
            await socket.ReceiveAsync(new byte[1], _patience.Token);
        });
        Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
    }

    private async Task AssertResetAsync(Socket socket)
    {
        var failure = await Assert.ThrowsAsync<SocketException>(async () => await socket.ReceiveAsync(new byte[1], _patience.Token));
        Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
    }
}
