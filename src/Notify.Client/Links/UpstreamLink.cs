using Microsoft.Extensions.Logging;
using Notify.Client.Transport;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Transport;

namespace Notify.Client.Links;

/// <summary>
/// Keeps a node connected to one of its upstreams: connects, pumps the session, waits and connects again. The mirror stays as it is
/// meanwhile. Start it once; thread safe.
/// </summary>
public sealed partial class UpstreamLink : IAsyncDisposable
{
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(1);

    private readonly Mirror _mirror;
    private readonly MessageRouter _router;
    private readonly UpstreamLinkOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<UpstreamLink> _logger;
    private readonly UpstreamPolicy _policy;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private LinkPump? _pump;
    private ClientSession? _session;
    private Task _running = Task.CompletedTask;
    private bool _saidGoodbye;
    private volatile UpstreamView _view;

    /// <summary>Creates a link that does nothing until it is started.</summary>
    /// <param name="mirror">The node's mirror.</param>
    /// <param name="router">The node's messages.</param>
    /// <param name="options">Where to connect.</param>
    /// <param name="random">Numbers from 0 to below 1, for waits.</param>
    /// <param name="time">Clock and timers.</param>
    /// <param name="logger">Logger.</param>
    public UpstreamLink(
        Mirror mirror, MessageRouter router, UpstreamLinkOptions options, Func<double> random, TimeProvider time, ILogger<UpstreamLink> logger)
    {
        (_mirror, _router, _options, _time, _logger) = (mirror, router, options, time, logger);
        _policy = new UpstreamPolicy(mirror.Node, options.Addresses.Select(address => address.OriginalString), options.Policy, random);
        _view = new UpstreamView(UpstreamState.BackingOff, _policy.Address, "", time.GetUtcNow(), "", 0);
    }

    /// <summary>What the link is doing now.</summary>
    public UpstreamView View => _view;

    /// <summary>Starts connecting. Returns at once; a link that was stopped stays stopped.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_running.IsCompleted && !_stop.IsCancellationRequested)
            {
                _running = RunAsync(_stop.Token);
            }
        }
    }

    /// <summary>Says goodbye, so that what this node published is flushed at once, and stops. Safe while starting, and twice.</summary>
    /// <param name="cancellationToken">Ends the wait for the goodbye to go out.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task running;
        var saysGoodbye = false;
        lock (_gate)
        {
            running = _running;
            if (_pump is { } pump && _session is { } session)
            {
                saysGoodbye = pump.Visit(() => TrySayGoodbye(session));
            }
        }

        if (saysGoodbye)
        {
            _stop.CancelAfter(2 * GoodbyePatience);
        }
        else
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }

        await running.WaitAsync(cancellationToken).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Stops without a goodbye, as a crash would, and waits for the end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>A server that has not taken this node in yet has nothing of it to flush.</summary>
    private static bool TrySayGoodbye(ClientSession session)
    {
        if (!session.IsOpen)
        {
            return false;
        }

        session.SayGoodbye("The node stops.");
        return true;
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        // Connecting must not run on the caller's thread: it may be starting a whole host.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!cancellationToken.IsCancellationRequested)
        {
            var address = _policy.Address;
            SetView(UpstreamState.Connecting, address);
            var (end, openMs, retryAfterMs) = await TryRunSessionAsync(address, cancellationToken).ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested || _saidGoodbye)
            {
                break;
            }

            var waitMs = _policy.Ended(end, openMs, retryAfterMs);
            Log.Ended(_logger, address, end.Code, end.Reason, waitMs);
            SetView(UpstreamState.BackingOff, address, error: $"{end.Code}: {end.Reason}");
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(waitMs), _time, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        SetView(UpstreamState.Stopped, _policy.Address);
    }

    /// <summary>A fault of this node, in a hook of the user or in the engine, costs the session and never the link: the next one is tried as ever.</summary>
    private async Task<(SessionEnd End, long? OpenMs, long? RetryAfterMs)> TryRunSessionAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            return await RunSessionAsync(new Uri(address), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.Failed(_logger, address, e);
            return (new SessionEnd(GrpcStatusCode.Internal, e.Message), null, null);
        }
    }

    private async Task<(SessionEnd End, long? OpenMs, long? RetryAfterMs)> RunSessionAsync(Uri address, CancellationToken cancellationToken)
    {
        // One channel per session: a new session never shares the connection of one that went silent.
        using var channel = new GrpcChannel(address, new GrpcChannelOptions
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(_options.Settings.Limits.HandshakeMs),
            ReceiveBytesMax = _options.Settings.Limits.FrameBytesMax,
            SendBytesMax = _options.Settings.Limits.FrameBytesMax,
            TimeProvider = _time,
        });
        using var pump = new LinkPump(_time);
        using var session = new ClientSession(_mirror, _options.Settings, _router, pump.Wake, LinkPump.NowMs(_time));
        TrafficLog.Attach(session, _mirror.Types, _logger);
        long? openedAt = null;
        session.Opened += () =>
        {
            openedAt = LinkPump.NowMs(_time);
            SetView(UpstreamState.Open, address.OriginalString, session.Peer);
            Log.Opened(_logger, address.OriginalString, session.Peer, session.PeerRole);
        };
        lock (_gate)
        {
            (_pump, _session) = (pump, session);
        }

        try
        {
            var call = channel.Duplex(LinkMethod.Connect, default, CancellationToken.None);
            await using (call.ConfigureAwait(false))
            {
                var end = await pump.RunAsync(session, call, call, cancellationToken).ConfigureAwait(false);
                if (_saidGoodbye = session.SaidGoodbye)
                {
                    await HangUpAsync(call).ConfigureAwait(false);
                }

                return (end, openedAt is { } opened ? LinkPump.NowMs(_time) - opened : null, session.RetryAfterMs);
            }
        }
        finally
        {
            lock (_gate)
            {
                (_pump, _session) = (null, null);
            }
        }
    }

    /// <summary>Ends our half and waits for the server's answer: a reset could overtake the goodbye.</summary>
    private async Task HangUpAsync(DuplexCall<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> call)
    {
        using var patience = new CancellationTokenSource(GoodbyePatience, _time);
        try
        {
            await call.CompleteAsync(patience.Token).ConfigureAwait(false);
            while (await call.WaitToReadAsync(patience.Token).ConfigureAwait(false))
            {
                while (call.TryRead(out _))
                {
                }
            }
        }
        catch (Exception e) when (e is GrpcException or OperationCanceledException)
        {
            Log.NoAnswerToGoodbye(_logger, e.Message);
        }
    }

    private void SetView(UpstreamState state, string address, string? peer = null, string? error = null)
    {
        var view = _view;
        _view = new UpstreamView(
            state, address, peer ?? view.Peer, _time.GetUtcNow(), error ?? view.LastError, view.Sessions + (state == UpstreamState.Open ? 1 : 0));
    }

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Information, "Connected to {Address}: {Peer} ({Role})")]
        public static partial void Opened(ILogger logger, string address, string peer, string role);

        [LoggerMessage(1004, LogLevel.Error, "This node failed to handle its session with {Address}")]
        public static partial void Failed(ILogger logger, string address, Exception exception);

        [LoggerMessage(1003, LogLevel.Information, "The upstream did not answer the goodbye: {Reason}")]
        public static partial void NoAnswerToGoodbye(ILogger logger, string reason);

        [LoggerMessage(1002, LogLevel.Warning, "Upstream {Address} ended with {Code}: {Reason} Next attempt in {WaitMs} ms")]
        public static partial void Ended(ILogger logger, string address, GrpcStatusCode code, string reason, long waitMs);
    }
}
