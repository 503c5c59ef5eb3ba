using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Notify.Core.Transport;

namespace Notify.Client.Transport;

/// <summary>
/// The life of a call: sends the request's headers, reads the response, and knows how and why it ended. The kinds of calls that users see
/// wrap it. Reading is for one reader at a time; everything else is safe from any thread.
/// </summary>
internal sealed class ClientCall<TResponse> : IMessageReader<TResponse>, IAsyncDisposable
{
    // Never disposed: it has no timer and no link, and callbacks may still be on their way to it.
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _callerRegistration;
    private readonly ITimer? _deadline;
    private readonly OutgoingCall<TResponse> _what;
    private readonly Task _started;
    private HttpResponseMessage? _response;
    private PipeReader? _input;
    private MessageFrameReader<TResponse>? _frames;
    private CallEnd? _stopCause;
    private int _decoding;
    private CallEnd? _end;

    public ClientCall(OutgoingCall<TResponse> what, CancellationToken cancellationToken)
    {
        _what = what;
        StopToken = _stop.Token;
        if (what.Timeout is { } timeout)
        {
            _deadline = what.Options.TimeProvider.CreateTimer(
                static call => ((ClientCall<TResponse>)call!).Stop(GrpcStatusCode.DeadlineExceeded, "The deadline passed."),
                this,
                timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero,
                Timeout.InfiniteTimeSpan);
        }
        _callerRegistration = cancellationToken.UnsafeRegister(
            static call => ((ClientCall<TResponse>)call!).Stop(GrpcStatusCode.Cancelled, "The caller cancelled the call."), this);
        _started = StartAsync();
    }

    /// <summary>Fires when the call is stopped from this side: deadline, caller, disposal, or a response that breaks the protocol.</summary>
    public CancellationToken StopToken { get; }

    /// <summary>How the call ended; null while it goes on.</summary>
    public GrpcStatus? Status => (Volatile.Read(ref _end) ?? Volatile.Read(ref _stopCause))?.Status;

    public GrpcMetadata Trailers => Volatile.Read(ref _end)?.Trailers ?? [];

    public async Task<GrpcMetadata> ReadHeadersAsync(CancellationToken cancellationToken)
    {
        await _started.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_response is null)
            ThrowIfFailed();
        return Metadata(_response!.Headers); // Without a response the call has failed.
    }

    public bool TryRead([MaybeNullWhen(false)] out TResponse message)
    {
        message = default;
        // Disposal lets the buffer go: a full fence, so that either it sees that a message is being decoded and waits, or this sees that the call was stopped.
        Interlocked.Exchange(ref _decoding, 1);
        try
        {
            return _frames is not null && Status is null && _frames.TryRead(out message);
        }
        catch (GrpcException e)
        {
            Fail(e.Status, e);
            throw;
        }
        finally
        {
            Volatile.Write(ref _decoding, 0);
        }
    }

    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        if (_frames is null || Status is not null || cancellationToken.CanBeCanceled)
            return WaitSlowlyAsync(cancellationToken);
        var waiting = _frames.WaitToReadAsync(StopToken);
        if (!waiting.IsCompletedSuccessfully)
            return FinishAsync(waiting, default);
        return waiting.Result ? new(true) : FinishAsync(new(false), default);
    }

    /// <summary>The end of the call as an exception, for an operation that failed with it.</summary>
    public GrpcException Explain(Exception? failure)
    {
        var end = Volatile.Read(ref _end) ?? Volatile.Read(ref _stopCause);
        if (end is not null && end.Status.Code != GrpcStatusCode.Ok)
            return end.ToException(failure);
        var status = failure is null or OperationCanceledException
            ? new GrpcStatus(GrpcStatusCode.Unavailable, "The server has ended the call; reading tells its status.")
            : HttpFailures.FromException(failure);
        return new GrpcException(status.Code, status.Detail, innerException: failure);
    }

    /// <summary>Ends the call from this side, with a reset of the stream; only the first cause counts.</summary>
    public void Stop(GrpcStatusCode code, string detail)
    {
        if (Volatile.Read(ref _end) is not null
            || Interlocked.CompareExchange(ref _stopCause, new CallEnd(new GrpcStatus(code, detail), [], null), null) is not null)
        {
            return;
        }
        // First, so that the transport finds the request broken off and resets the stream; ended it would be a half-close.
        _what.Body.Abort();
        _stop.Cancel();
        Volatile.Read(ref _response)?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Stop(GrpcStatusCode.Cancelled, "The call was disposed.");
        await _callerRegistration.DisposeAsync().ConfigureAwait(false);
        if (_deadline is not null)
            await _deadline.DisposeAsync().ConfigureAwait(false);
        await _started.ConfigureAwait(false);
        _what.Body.Complete();
        for (var spin = default(SpinWait); Volatile.Read(ref _decoding) != 0;)
            spin.SpinOnce(); // No longer than one message takes to decode: the next read finds the call stopped.
        if (_input is not null)
            await _input.CompleteAsync().ConfigureAwait(false);
        _response?.Dispose();
    }

    private async Task StartAsync()
    {
        try
        {
            var response = await _what.SendAsync(StopToken).ConfigureAwait(false);
            // A full fence: either Stop sees the response, or the next line sees the stop.
            Interlocked.Exchange(ref _response, response);
            if (StopToken.IsCancellationRequested)
                response.Dispose();
            else if (EndInHeaders(response) is { } end)
                End(end);
            else
                await OpenBodyAsync(response).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever the transport throws is how the call ended; readers and writers get it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            End(CauseOf(e));
        }
        finally
        {
            if (_frames is null)
                _what.Body.Complete();
        }
    }

    private async Task OpenBodyAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStreamAsync(StopToken).ConfigureAwait(false);
        // Reads wait without a buffer: an idle call holds none.
        _input = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 64 * 1024, minimumReadSize: 4096, useZeroByteReads: true));
        _frames = new MessageFrameReader<TResponse>(_input, _what.Codec, _what.Options.ReceiveBytesMax);
    }

    /// <summary>How the call ended if it did without a message, else null.</summary>
    private static CallEnd? EndInHeaders(HttpResponseMessage response)
    {
        if (TryGet(response.Headers, GrpcHeaders.Status) is { } status)
            return new CallEnd(GrpcHeaders.ParseStatus(status, TryGet(response.Headers, GrpcHeaders.Message)), Metadata(response.Headers), null);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var code = HttpFailures.FromHttpStatus(response.StatusCode);
            return new CallEnd(new GrpcStatus(code, $"The server answered with HTTP status {(int)response.StatusCode} and no grpc-status."), [], null);
        }
        var contentType = TryGet(response.Content.Headers, "content-type");
        return GrpcHeaders.IsGrpcContentType(contentType)
            ? null
            : new CallEnd(new GrpcStatus(GrpcStatusCode.Unknown, $"The server answered with content-type '{contentType}', not with gRPC."), [], null);
    }

    private async ValueTask<bool> WaitSlowlyAsync(CancellationToken cancellationToken)
    {
        await _started.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (Status is not null || _frames is null)
        {
            if (Volatile.Read(ref _end) is null)
                End(CauseOf(null));
            ThrowIfFailed();
            return false;
        }
        if (!cancellationToken.CanBeCanceled)
            return await FinishAsync(_frames.WaitToReadAsync(StopToken), default).ConfigureAwait(false);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(StopToken, cancellationToken);
        return await FinishAsync(_frames.WaitToReadAsync(either.Token), cancellationToken).ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FinishAsync(ValueTask<bool> waiting, CancellationToken callerToken)
    {
        try
        {
            if (await waiting.ConfigureAwait(false))
                return true;
            End(EndInTrailers());
        }
        catch (OperationCanceledException) when (callerToken.IsCancellationRequested && !StopToken.IsCancellationRequested)
        {
            throw; // The caller has stopped waiting; the call goes on.
        }
        catch (GrpcException e)
        {
            Fail(e.Status, e);
        }
#pragma warning disable CA1031 // As in StartAsync.
        catch (Exception e)
#pragma warning restore CA1031
        {
            End(CauseOf(e));
        }
        ThrowIfFailed();
        return false;
    }

    private CallEnd EndInTrailers()
    {
        var trailers = _response!.TrailingHeaders; // Reading began, so there is a response.
        return TryGet(trailers, GrpcHeaders.Status) is { } status
            ? new CallEnd(GrpcHeaders.ParseStatus(status, TryGet(trailers, GrpcHeaders.Message)), Metadata(trailers), null)
            : new CallEnd(new GrpcStatus(GrpcStatusCode.Unknown, "The server ended the stream without a grpc-status."), [], null);
    }

    private CallEnd CauseOf(Exception? failure) =>
        Volatile.Read(ref _stopCause)
        ?? new CallEnd(
            failure is null ? new GrpcStatus(GrpcStatusCode.Internal, "The call ended without a cause.") : HttpFailures.FromException(failure),
            [],
            failure);

    /// <summary>The response broke the protocol or a limit: the server is told to stop.</summary>
    private void Fail(GrpcStatus status, Exception failure)
    {
        Stop(status.Code, status.Detail);
        End(new CallEnd(status, [], failure));
    }

    private void End(CallEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, end, null) is not null)
            return;
        _what.Body.Complete();
        _deadline?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void ThrowIfFailed()
    {
        if (Volatile.Read(ref _end) is { } end && end.Status.Code != GrpcStatusCode.Ok)
            throw end.ToException(null);
    }

    private static string? TryGet(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static GrpcMetadata Metadata(HttpHeaders headers)
    {
        var metadata = new GrpcMetadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
                metadata.AddReceived(name, value);
        }
        return metadata;
    }

    private sealed record CallEnd(GrpcStatus Status, GrpcMetadata Trailers, Exception? Failure)
    {
        public GrpcException ToException(Exception? failure) => new(Status.Code, Status.Detail, Trailers, failure ?? Failure);
    }
}
