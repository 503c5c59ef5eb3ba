using Microsoft.Extensions.Logging;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Transport;

namespace Notify.Client.Links;

/// <summary>
/// Keeps a node connected to one of its upstreams: connects, pumps the session, waits and connects again; and goes elsewhere before it
/// leaves one that is about to stop. The mirror stays as it is meanwhile. Start it once; thread safe.
/// </summary>
public sealed partial class UpstreamLink : IAsyncDisposable
{
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(1);

    private readonly Mirror _mirror;
    private readonly MessageRouter _router;
    private readonly SessionSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<UpstreamLink> _logger;
    private readonly UpstreamPolicy _policy;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<UpstreamConnection> _connections = [];
    private Task _running = Task.CompletedTask;
    private Task _retired = Task.CompletedTask;
    private bool _isStopping;
    private bool _isDisposed;
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
        (_mirror, _router, _time, _logger) = (mirror, router, time, logger);
        _policy = new UpstreamPolicy(mirror.Node, options.Addresses.Select(address => address.OriginalString), options.Policy, random);
        _settings = options.Settings with { Moves = _policy.HasOthers };
        _view = new UpstreamView(UpstreamState.BackingOff, _policy.Address, "", time.GetUtcNow(), "", 0);
    }

    /// <summary>What the link is doing now.</summary>
    public UpstreamView View
    {
        get
        {
            lock (_gate)
            {
                return _view with { Queued = _connections.LastOrDefault()?.Session?.Queued ?? 0 };
            }
        }
    }

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
        lock (_gate)
        {
            running = _running;
            foreach (var connection in _connections)
            {
                _isStopping |= connection.TrySayGoodbye();
            }
        }

        if (_isStopping)
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

    /// <summary>Stops without a goodbye, as a crash would, and waits for the end. May be called again, which does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private bool IsStopping
    {
        get
        {
            lock (_gate)
            {
                return _isStopping || _stop.IsCancellationRequested;
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        // Connecting must not run on the caller's thread: it may be starting a whole host.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        UpstreamConnection? newer = null;
        while (newer is not null || !IsStopping)
        {
            if (newer is null)
            {
                SetView(UpstreamState.Connecting, _policy.Address);
            }

            var connection = newer ?? Begin(_policy.Address, older: null, cancellationToken);
            newer = await TryHandOverAsync(connection, cancellationToken).ConfigureAwait(false);
            if (newer is not null)
            {
                _retired = NoteLeftAsync(connection);
                continue;
            }

            var outcome = await connection.Ended.ConfigureAwait(false);
            if (!IsStopping)
            {
                var waitMs = _policy.Ended(outcome.End, outcome.OpenMs, outcome.RetryAfterMs);
                Log.Ended(_logger, connection.Address, outcome.End.Code, outcome.End.Reason, waitMs);
                SetView(UpstreamState.BackingOff, connection.Address, error: $"{outcome.End.Code}: {outcome.End.Reason}");
                await WaitAsync(waitMs, ended: null, cancellationToken).ConfigureAwait(false);
            }
        }

        await _retired.ConfigureAwait(false);
        SetView(UpstreamState.Stopped, _policy.Address);
    }

    private UpstreamConnection Begin(string address, UpstreamConnection? older, CancellationToken cancellationToken)
    {
        var connection = new UpstreamConnection(address, _settings, older, _time, cancellationToken) { Ended = null! }; // Set below.
        connection.NoAnswerToGoodbye += reason => Log.NoAnswerToGoodbye(_logger, reason);
        lock (_gate)
        {
            _connections.Add(connection);
        }

        connection.Ended = TryRunAsync(connection);
        return connection;
    }

    /// <summary>A fault of this node, in a hook of the user or in the engine, costs the session and never the link: the next one is tried as ever.</summary>
    private async Task<UpstreamOutcome> TryRunAsync(UpstreamConnection connection)
    {
        try
        {
            return await connection.RunAsync((wake, nowMs, older) => Create(connection.Address, wake, nowMs, older)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.Failed(_logger, connection.Address, e);
            return new UpstreamOutcome(new SessionEnd(GrpcStatusCode.Internal, e.Message), null, null);
        }
        finally
        {
            lock (_gate)
            {
                _connections.Remove(connection);
            }

            connection.Dispose();
        }
    }

    private ClientSession Create(string address, Action wake, long nowMs, ClientSession? older)
    {
        var session = new ClientSession(_mirror, _settings, _router, wake, nowMs, older);
        TrafficLog.Attach(session, _mirror.Types, _logger);
        session.Opened += () =>
        {
            SetView(UpstreamState.Open, address, session.Peer);
            Log.Opened(_logger, address, session.Peer, session.PeerRole);
        };
        return session;
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

        [LoggerMessage(1005, LogLevel.Information, "Upstream {Address} stops within {DeadlineMs} ms: going elsewhere in {WaitMs} ms")]
        public static partial void Draining(ILogger logger, string address, long deadlineMs, long waitMs);

        [LoggerMessage(1006, LogLevel.Information, "Left {Address}: {Code}: {Reason}")]
        public static partial void Left(ILogger logger, string address, GrpcStatusCode code, string reason);
    }
}
