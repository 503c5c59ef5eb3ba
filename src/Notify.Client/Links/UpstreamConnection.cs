using Notify.Client.Transport;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using LinkCall = Notify.Client.Transport.DuplexCall<System.ReadOnlyMemory<byte>, System.ReadOnlyMemory<byte>>;

namespace Notify.Client.Links;

/// <summary>One session with an upstream, over a connection of its own: a new session never shares that of one that went silent. Thread safe.</summary>
internal sealed class UpstreamConnection : IDisposable
{
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseRetry = TimeSpan.FromMilliseconds(20);

    private readonly UpstreamConnection? _older;
    private readonly SessionSettings _settings;
    private readonly TimeProvider _time;
    private readonly LinkPump _pump;
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<long> _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ClientSession? _session;
    private long? _openedAt;

    /// <summary>Prepares a connection to an address.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="settings">What the node says of itself.</param>
    /// <param name="older">The connection that this one is to take over from, or null.</param>
    /// <param name="time">Clock and timers.</param>
    /// <param name="cancellationToken">Ends it as a crash would.</param>
    public UpstreamConnection(
        string address, SessionSettings settings, UpstreamConnection? older, TimeProvider time, CancellationToken cancellationToken)
    {
        (Address, _settings, _older, _time) = (address, settings, older, time);
        _pump = new LinkPump(time);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    public string Address { get; }

    /// <summary>The session, once there is one.</summary>
    public ClientSession? Session => _session;

    /// <summary>Completes when the handshake is done.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Completes when the upstream has said that it goes down, with the milliseconds until then.</summary>
    public Task<long> Drained => _drained.Task;

    /// <summary>What <see cref="RunAsync"/> has returned; set by who calls it.</summary>
    public required Task<UpstreamOutcome> Ended { get; set; }

    /// <summary>Says goodbye. False, and nothing happens, at a server that has not taken this node in yet: it has nothing of it to flush.</summary>
    public bool TrySayGoodbye() => _session is { } session && _pump.Visit(() =>
    {
        if (!session.IsOpen || session.End is not null)
        {
            return false;
        }

        session.SayGoodbye("The node stops.");
        return true;
    });

    /// <summary>Ends it as a crash would.</summary>
    public async Task CutAsync()
    {
        try
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself, and was disposed: there is nothing left to end.
        }
    }

    /// <summary>Connects, and pumps the session until it has ended.</summary>
    /// <param name="create">Creates the session with a wake, the time, and the older session.</param>
    public async Task<UpstreamOutcome> RunAsync(Func<Action, long, ClientSession?, ClientSession> create)
    {
        using var channel = new GrpcChannel(new Uri(Address), new GrpcChannelOptions
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(_settings.Limits.HandshakeMs),
            ReceiveBytesMax = _settings.Limits.FrameBytesMax,
            SendBytesMax = _settings.Limits.FrameBytesMax,
            TimeProvider = _time,
        });
        var call = channel.Duplex(LinkMethod.Connect, default, CancellationToken.None);
        await using (call.ConfigureAwait(false))
        {
            if (_older is not null && await PauseOlderAsync(_older, call).ConfigureAwait(false) is { } failed)
            {
                return new UpstreamOutcome(failed, null, null);
            }

            using var session = create(_pump.Wake, LinkPump.NowMs(_time), _older?.Session);
            session.Opened += () =>
            {
                _openedAt = LinkPump.NowMs(_time);
                _opened.TrySetResult();
            };
            session.Draining += deadlineMs => _drained.TrySetResult(deadlineMs);
            _session = session;
            var end = await _pump.RunAsync(session, call, call, _stop.Token).ConfigureAwait(false);
            if (session.SaidGoodbye)
            {
                await HangUpAsync(call).ConfigureAwait(false);
            }

            return new UpstreamOutcome(end, _openedAt is { } opened ? LinkPump.NowMs(_time) - opened : null, session.RetryAfterMs);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pump.Dispose();
        _stop.Dispose();
    }

    /// <summary>Once the server answers at all: nothing comes to the mirror while the older session is paused.</summary>
    private async Task<SessionEnd?> PauseOlderAsync(UpstreamConnection older, LinkCall call)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(_settings.Limits.HandshakeMs), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, patience.Token);
        try
        {
            await call.ReadHeadersAsync(either.Token).ConfigureAwait(false);
            while (!older._pump.Visit(() => older.Session!.TryPause()))
            {
                if (older.Session!.End is { } end)
                {
                    return end;
                }

                await Task.Delay(PauseRetry, _time, either.Token).ConfigureAwait(false);
            }

            return null;
        }
        catch (GrpcException e)
        {
            return new SessionEnd(e.Code, e.Status.Detail);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return new SessionEnd(GrpcStatusCode.Unavailable, "The connection was given up.");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return new SessionEnd(GrpcStatusCode.DeadlineExceeded, "It did not answer in time, or the session before has yet to be answered.");
        }
    }

    /// <summary>Ends our half and waits for the server's answer: a reset could overtake the goodbye.</summary>
    private async Task HangUpAsync(LinkCall call)
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
        catch (Exception e) when (e is GrpcException || (e is OperationCanceledException && patience.IsCancellationRequested))
        {
            NoAnswerToGoodbye?.Invoke(e.Message);
        }
    }

    /// <summary>Raised when the server did not answer the goodbye.</summary>
    public event Action<string>? NoAnswerToGoodbye;
}
