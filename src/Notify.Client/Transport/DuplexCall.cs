using System.Diagnostics.CodeAnalysis;
using Notify.Core.Transport;

namespace Notify.Client.Transport;

/// <summary>
/// A call with a stream each way. One writer and one reader at a time, each independent of the other. The server's status comes from reading:
/// its OK is the end of the messages, anything else is thrown. Disposing a call that has not ended resets it, at once and in both directions.
/// </summary>
public sealed class DuplexCall<TRequest, TResponse> : IMessageReader<TResponse>, IMessageWriter<TRequest>, IAsyncDisposable
{
    private readonly ClientCall<TResponse> _call;
    private readonly DuplexContent _body;
    private readonly IMessageCodec<TRequest> _codec;
    private readonly int _sendBytesMax;
    private readonly PooledBuffer _unflushed = new();

    internal DuplexCall(ClientCall<TResponse> call, DuplexContent body, IMessageCodec<TRequest> codec, int sendBytesMax)
    {
        _call = call;
        _body = body;
        _codec = codec;
        _sendBytesMax = sendBytesMax;
    }

    /// <summary>How the call ended; null while it goes on or its end has not been read.</summary>
    public GrpcStatus? Status => _call.Status;

    /// <summary>The metadata that came with the status; empty before.</summary>
    public GrpcMetadata Trailers => _call.Trailers;

    /// <inheritdoc/>
    public long UnflushedBytes => _unflushed.Count;

    /// <summary>Waits for the server's headers, which come with its first message or before, and gives their metadata.</summary>
    /// <exception cref="GrpcException">The call failed before there were any.</exception>
    public Task<GrpcMetadata> ReadHeadersAsync(CancellationToken cancellationToken = default) => _call.ReadHeadersAsync(cancellationToken);

    /// <inheritdoc/>
    public bool TryRead([MaybeNullWhen(false)] out TResponse message) => _call.TryRead(out message);

    /// <inheritdoc/>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => _call.WaitToReadAsync(cancellationToken);

    /// <inheritdoc/>
    public void Write(TRequest message) => MessageFrame.Write(_unflushed, message, _codec, _sendBytesMax);

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            using var either = cancellationToken.CanBeCanceled
                ? CancellationTokenSource.CreateLinkedTokenSource(_call.StopToken, cancellationToken)
                : null;
            var stop = either?.Token ?? _call.StopToken;
            Stream? stream;
            do
            {
                if (!await _body.Opened.WaitAsync(stop).ConfigureAwait(false) || _call.Status is not null)
                    throw _call.Explain(null);
                stream = _body.TakeStream();
            }
            while (stream is null);
            await stream.WriteAsync(_unflushed.Written, stop).ConfigureAwait(false);
            await stream.FlushAsync(stop).ConfigureAwait(false);
            _unflushed.Release();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !_call.StopToken.IsCancellationRequested)
        {
            _unflushed.Forget();
            _call.Stop(GrpcStatusCode.Cancelled, "A flush was cancelled, so that what was sent is not known.");
            throw;
        }
        catch (Exception e) when (e is not GrpcException)
        {
            _unflushed.Forget();
            throw _call.Explain(e);
        }
    }

    /// <summary>Flushes what is written and ends this half of the call: the server sees the end of the requests.</summary>
    /// <exception cref="GrpcException">As for <see cref="FlushAsync"/>.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        if (_unflushed.Count > 0)
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        // The body ends once the transport has asked for it; before that, ending it would look like a call that never opened.
        if (await _body.Opened.WaitAsync(cancellationToken).ConfigureAwait(false))
            _body.Complete();
        else
            throw _call.Explain(null);
    }

    /// <summary>Ends the call; one that goes on is reset and its status is CANCELLED. Nothing may be writing or reading.</summary>
    public ValueTask DisposeAsync() => _call.DisposeAsync();
}
