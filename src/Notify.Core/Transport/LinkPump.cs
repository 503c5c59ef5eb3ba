using System.Threading.Channels;
using Notify.Core.Sessions;

namespace Notify.Core.Transport;

/// <summary>
/// Runs a session over a gRPC call: the one place where the engine meets tasks, timers and sockets. Frames are read while writing waits for a
/// slow peer, so two busy sides never wait for each other.
/// </summary>
/// <remarks>
/// The session is not thread safe; <c>_gate</c> lets the reader, the writer and the timer in one at a time. Only these three contend for it,
/// none of another session, and none awaits while holding it.
/// </remarks>
internal sealed class LinkPump : IDisposable
{
    /// <summary>Frames are flushed together up to here.</summary>
    private const int FlushBytes = 64 * 1024;

    private const string Failed = "The node failed to handle the session; its log says why.";

    private static readonly TimeSpan LastWordPatience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;

    // A signal, not a queue: one slot, and a full slot already says all there is to say.
    private readonly Channel<bool> _signal =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    // The same for the reader of a session that is paused.
    private readonly Channel<bool> _unpaused =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer _timer;
    private LinkSession? _session;
    private Task _cancelling = Task.CompletedTask;

    public LinkPump(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static pump => ((LinkPump)pump!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Milliseconds of a clock that only goes forward.</summary>
    public static long NowMs(TimeProvider time) => (long)(time.GetTimestamp() * (1000.0 / time.TimestampFrequency));

    /// <summary>Has the writer look at the session. Safe from any thread; hand it to the session as its wake.</summary>
    public void Wake() => _signal.Writer.TryWrite(true);

    /// <summary>
    /// Pumps until the session has ended, and returns why. What it wanted to send last has then been sent, if the peer took it.
    /// </summary>
    /// <param name="session">A session whose wake is <see cref="Wake"/>.</param>
    /// <param name="reader">Frames of the peer.</param>
    /// <param name="writer">Frames to the peer.</param>
    /// <param name="cancellationToken">Ends the session with UNAVAILABLE.</param>
    public async Task<SessionEnd> RunAsync(
        LinkSession session, IMessageReader<ReadOnlyMemory<byte>> reader, IMessageWriter<ReadOnlyMemory<byte>> writer,
        CancellationToken cancellationToken)
    {
        _session = session;
        ArmTimer();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, cancellationToken);
        var reading = ReadAsync(session, reader, stop.Token);
        try
        {
            await WriteAsync(session, writer, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested || session.End is not null)
        {
            // Where the session has ended, the peer did not take its last word in time, and why it ended stands.
            Disconnect(session, GrpcStatusCode.Unavailable, "The connection was given up.");
        }
        catch (GrpcException e)
        {
            Disconnect(session, e.Code, e.Status.Detail);
        }
        finally
        {
            // Also where this side has failed: nothing of the session runs on after this method.
            Disconnect(session, GrpcStatusCode.Internal, Failed);
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
            lock (_gate)
            {
                _session = null; // The timer finds nothing any more.
            }

            await _cancelling.ConfigureAwait(false);
        }

        return session.End!;
    }

    /// <summary>Does something with the session while no one else does.</summary>
    public TResult Visit<TResult>(Func<TResult> visit)
    {
        lock (_gate)
        {
            return visit();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _ended.Dispose();
    }

    private async Task ReadAsync(LinkSession session, IMessageReader<ReadOnlyMemory<byte>> reader, CancellationToken cancellationToken)
    {
        try
        {
            while (await reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                lock (_gate)
                {
                    while (session.End is null && !session.IsPaused && reader.TryRead(out var frame))
                    {
                        session.Receive(frame.Span, NowMs(_time));
                    }
                }

                while (session.IsPaused)
                {
                    // Who ends the pause wakes the writer, which passes it on; what comes meanwhile stays in the windows of the connection.
                    await _unpaused.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                }

                // What came may have caused an answer, and always tells that the peer lives.
                Wake();
                if (session.End is not null)
                {
                    return;
                }
            }

            Disconnect(session, GrpcStatusCode.Unavailable, $"{session.Peer} closed the connection.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The writer ends the session; there is nothing left to read for.
        }
        catch (GrpcException e)
        {
            Disconnect(session, e.Code, e.Status.Detail);
        }
        finally
        {
            if (session.End is null && !cancellationToken.IsCancellationRequested)
            {
                // Without a reader the session would look alive until its silence is noticed.
                Disconnect(session, GrpcStatusCode.Internal, Failed);
            }
        }
    }

    private async Task WriteAsync(LinkSession session, IMessageWriter<ReadOnlyMemory<byte>> writer, CancellationToken cancellationToken)
    {
        while (true)
        {
            SessionEnd? end;
            lock (_gate)
            {
                var now = NowMs(_time);
                while (writer.UnflushedBytes < FlushBytes && session.TryWrite(now, out var frame))
                {
                    writer.Write(frame);
                }

                end = session.End;
                ArmTimer();
                if (!session.IsPaused)
                {
                    _unpaused.Writer.TryWrite(true);
                }
            }

            if (writer.UnflushedBytes > 0)
            {
                // A last word, a goodbye or the reason of the end, still goes out; the token of an ended session would keep it back.
                using var patience = end is null ? null : new CancellationTokenSource(LastWordPatience, _time);
                await writer.FlushAsync(patience?.Token ?? cancellationToken).ConfigureAwait(false);
            }
            else if (end is not null)
            {
                return;
            }
            else
            {
                await _signal.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Time passes also while the writer waits for a peer that does not read: it is how such a session ends.</summary>
    private void OnTimer()
    {
        lock (_gate)
        {
            if (_session is not { } session)
            {
                return;
            }

            session.Tick(NowMs(_time));
            if (session.End is null)
            {
                ArmTimer();
            }
            else
            {
                CancelWhenEnded();
            }
        }

        Wake();
    }

    private void Disconnect(LinkSession session, GrpcStatusCode code, string reason)
    {
        lock (_gate)
        {
            session.Disconnected(new SessionEnd(code, reason), NowMs(_time));
            CancelWhenEnded();
        }

        Wake();
    }

    private void CancelWhenEnded()
    {
        // A flush that waits for a peer which does not read would never see the end otherwise.
        // Asynchronously: what it cancels must not run on, inside the lock.
        _cancelling = _ended.CancelAsync();
    }

    private void ArmTimer()
    {
        if (_session is { End: null } session)
        {
            var due = Math.Clamp(session.NextTickAt - NowMs(_time), 1, int.MaxValue);
            _timer.Change(TimeSpan.FromMilliseconds(due), Timeout.InfiniteTimeSpan);
        }
    }
}
