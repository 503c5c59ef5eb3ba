using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Notify.Transport.Tests;

/// <summary>A TCP listener that treats each connection as a script says: a server that misbehaves, or a way to a real one.</summary>
internal sealed class TestPeer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<NetworkStream, int, CancellationToken, Task> _script;
    private readonly Task _accepting;
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private int _connections;

    /// <param name="script">Runs for each connection, with its number from 1; the connection closes when it ends.</param>
    public TestPeer(Func<NetworkStream, int, CancellationToken, Task> script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Waits until there were so many connections. For one waiter at a time.</summary>
    public async Task ConnectionsAsync(int expected)
    {
        using var patience = new CancellationTokenSource(Limits.Patience);
        while (Connections < expected)
            await _news.Reader.ReadAsync(patience.Token);
    }

    /// <summary>A script's end: the connection goes on to a real server.</summary>
    public static async Task ForwardAsync(NetworkStream client, Uri server, CancellationToken cancellationToken)
    {
        using var upstream = new TcpClient();
        await upstream.ConnectAsync(server.Host, server.Port, cancellationToken);
        var there = client.CopyToAsync(upstream.GetStream(), cancellationToken);
        var back = upstream.GetStream().CopyToAsync(client, cancellationToken);
        await Task.WhenAny(there, back);
    }

    /// <summary>Reads HTTP/2 frames until one of the type has come.</summary>
    public static async Task<byte[]> ReadUntilFrameAsync(NetworkStream stream, byte type, CancellationToken cancellationToken)
    {
        var header = new byte[9];
        while (true)
        {
            await stream.ReadExactlyAsync(header, cancellationToken);
            var payload = new byte[(header[0] << 16) | (header[1] << 8) | header[2]];
            await stream.ReadExactlyAsync(payload, cancellationToken);
            if (header[3] == type)
                return payload;
        }
    }

    /// <summary>Reads the client's preface and answers with empty settings.</summary>
    public static async Task OpenHttp2Async(NetworkStream stream, CancellationToken cancellationToken)
    {
        await stream.ReadExactlyAsync(new byte[24], cancellationToken);
        await stream.WriteAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 }, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                running.Add(ServeAsync(client, Interlocked.Increment(ref _connections)));
                _news.Writer.TryWrite(true);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task ServeAsync(TcpClient client, int number)
    {
        using (client)
        {
            try
            {
                await _script(client.GetStream(), number, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The client or the test is done with it.
            }
        }
    }
}
