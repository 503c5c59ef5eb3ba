using Microsoft.Extensions.Logging;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Server.Transport;

namespace Notify.Server.Links;

/// <summary>
/// Serves <c>notify.v1.Link</c>: one session per call, and the hub's clock. When the host stops, every session ends and clients try
/// elsewhere. Dispose it when no call can come any more. Thread safe.
/// </summary>
public sealed partial class LinkServer : IDisposable
{
    private readonly Mirror _mirror;
    private readonly Hub _hub;
    private readonly MessageRouter _router;
    private readonly SessionSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<LinkServer> _logger;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Creates the server of a node's hub.</summary>
    public LinkServer(
        Mirror mirror, Hub hub, MessageRouter router, SessionSettings settings, TimeProvider time, ILogger<LinkServer> logger)
    {
        (_mirror, _hub, _router, _settings, _time, _logger) = (mirror, hub, router, settings, time, logger);
        (router.Hub, hub.Role) = (hub, settings.Role);
        _timer = time.CreateTimer(static server => ((LinkServer)server!).OnTimer(), this, TickEvery, TickEvery);
    }

    private static TimeSpan TickEvery => TimeSpan.FromMilliseconds(100);

    private static TimeSpan DrainTickEvery => TimeSpan.FromMilliseconds(10);

    /// <summary>Creates the hub of a node that starts now, by the clock that its sessions will run by.</summary>
    public static Hub CreateHub(Mirror mirror, HubOptions options, TimeProvider time) => new(mirror, options, LinkPump.NowMs(time));

    /// <summary>
    /// Makes ready for a stop: takes no new sessions, tells every node below, and waits until those that have another node to go to are gone, or
    /// <see cref="HubOptions.DrainMs"/> are over. Call it before the host stops; a session that is still there then is cut.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled before that.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var drainMs = _hub.Options.DrainMs;
        if (drainMs == 0)
        {
            _hub.Close(LinkPump.NowMs(_time));
            return;
        }

        _hub.Drain(LinkPump.NowMs(_time) + drainMs);
        var moving = _hub.MovingSessionCount;
        Log.Draining(_logger, _mirror.Node, moving, _hub.SessionCount, drainMs);
        _timer.Change(DrainTickEvery, DrainTickEvery);
        try
        {
            await _drained.Task.WaitAsync(TimeSpan.FromMilliseconds(drainMs), _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.NotDrained(_logger, _hub.MovingSessionCount, drainMs);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Runs one session, until either side ends it; what went wrong becomes the status of the call.</summary>
    internal async Task ConnectAsync(
        IMessageReader<ReadOnlyMemory<byte>> requests, IMessageWriter<ReadOnlyMemory<byte>> responses, ServerCall call,
        CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, stopping);
        using var pump = new LinkPump(_time);
        using var session = new ServerSession(_mirror, _hub, _settings, _router, call.Peer, pump.Wake, LinkPump.NowMs(_time));
        TrafficLog.Attach(session, _mirror.Types, _logger);
        session.Opened += () => Log.Opened(_logger, session.Peer, session.PeerRole, session.Address, session.NotifyId);
        session.PeerAhead += (revision, head) => Log.PeerAhead(_logger, session.Peer, revision, head);
        await call.SendHeadersAsync().ConfigureAwait(false);
        var end = await pump.RunAsync(session, requests, responses, stop.Token).ConfigureAwait(false);
        if (end.Code != GrpcStatusCode.Ok && stopping.IsCancellationRequested && !call.CancellationToken.IsCancellationRequested)
        {
            end = new SessionEnd(GrpcStatusCode.Unavailable, $"{_mirror.Node} stops.");
        }

        Log.Ended(_logger, session.Peer, session.Address, end.Code, end.Reason);
        if (end.Code != GrpcStatusCode.Ok)
        {
            throw new GrpcException(end.Code, end.Reason);
        }
    }

    private void OnTimer()
    {
        _hub.Tick(LinkPump.NowMs(_time));
        if (_hub.IsDraining && _hub.MovingSessionCount == 0)
        {
            _drained.TrySetResult();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1101, LogLevel.Information, "{Peer} ({Role}) connected from {Address} as session {NotifyId}")]
        public static partial void Opened(ILogger logger, string peer, string role, string address, long notifyId);

        [LoggerMessage(1103, LogLevel.Error, "{Peer} has revision {Revision} of the store, and the head here is {Head}: it gets nothing until this node is there too. After a restore from a backup give the store a new incarnation (notifyctl store new-incarnation)")]
        public static partial void PeerAhead(ILogger logger, string peer, long revision, long head);

        [LoggerMessage(1104, LogLevel.Information, "{Name} is about to stop: {Moving} of {Sessions} sessions may go elsewhere within {DrainMs} ms")]
        public static partial void Draining(ILogger logger, string name, int moving, int sessions, int drainMs);

        [LoggerMessage(1105, LogLevel.Warning, "{Moving} sessions could go elsewhere, and have not within {DrainMs} ms")]
        public static partial void NotDrained(ILogger logger, int moving, int drainMs);

        [LoggerMessage(1102, LogLevel.Information, "{Peer} at {Address} ended with {Code}: {Reason}")]
        public static partial void Ended(ILogger logger, string peer, string address, GrpcStatusCode code, string reason);
    }
}
