using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Notify.Harness.Demo.Nodes;

/// <summary>
/// A line between a node and its upstream that can be cut and healed. Cut: open connections are reset, new ones are reset as soon as they
/// come. Silenced: open connections stay, and carry nothing any more. Thread safe.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly EndPoint _target;
    private readonly ConcurrentDictionary<long, (Socket Near, Socket Far, Task Pump)> _connections = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Task _accepting;
    private long _lastNumber;
    private long _silentNumber;
    private bool _isCut;

    /// <summary>Listens on a free port of the loopback interface.</summary>
    /// <param name="host">Where connections go on to: host,</param>
    /// <param name="port">and port.</param>
    public TcpProxy(string host, int port)
    {
        _target = new DnsEndPoint(host, port, AddressFamily.InterNetwork);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");
        _accepting = AcceptAsync();
    }

    /// <summary>Where to connect to.</summary>
    public Uri Address { get; }

    /// <summary>How many connections are open.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>How many connections came while the line was cut.</summary>
    public int RefusedCount { get; private set; }

    /// <summary>Resets every connection, and those that come until <see cref="Heal"/>.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _isCut = true;
            foreach (var (near, far, _) in _connections.Values)
            {
                Reset(near);
                Reset(far);
            }
        }
    }

    /// <summary>Lets connections through again.</summary>
    public void Heal()
    {
        lock (_gate)
            _isCut = false;
    }

    /// <summary>From now on what comes over the connections that are open is swallowed. New ones are not concerned.</summary>
    public void Silence()
    {
        lock (_gate)
            Volatile.Write(ref _silentNumber, _lastNumber);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Cut();
        await _accepting;
        await Task.WhenAll(_connections.Values.Select(c => c.Pump));
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Take(await _listener.AcceptAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The peer was gone before it was accepted; the next one may not be.
            }
        }
    }

    private void Take(Socket near)
    {
        lock (_gate)
        {
            if (_isCut)
            {
                RefusedCount++;
                Reset(near);
                return;
            }

            var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            near.NoDelay = true;
            var number = ++_lastNumber;
            // The pump yields before it can end, and takes the lock to leave: it is listed by then.
            _connections[number] = (near, far, PumpAsync(number, near, far));
        }
    }

    private async Task PumpAsync(long number, Socket near, Socket far)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await far.ConnectAsync(_target, _stop.Token);
            await Task.WhenAll(CopyAsync(number, near, far), CopyAsync(number, far, near));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // There is nobody at the target: the caller sees a reset.
        }

        lock (_gate)
        {
            Reset(near);
            Reset(far);
            _connections.TryRemove(number, out _);
        }
    }

    private async Task CopyAsync(long number, Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
            {
                for (var sent = 0; sent < count && number > Volatile.Read(ref _silentNumber);)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // A side that was reset is an end for both directions, also for the one that waits for bytes.
            Reset(from);
            Reset(to);
        }
    }

    private static void Reset(Socket socket)
    {
        // No linger: the peer sees a reset, not an orderly end.
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        socket.Dispose();
    }
}
