using System.Net;

namespace Notify.Client.Transport;

/// <summary>
/// The request body of a call that streams: hands the transport's stream to the writer and stays open until the call ends.
/// </summary>
internal sealed class DuplexContent : RequestContent
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<bool> _opened = NewSignal();
    private Stream? _stream;
    private bool _used;

    /// <summary>Completes when the request is on its way: true with a stream to write to, false when the call ended before.</summary>
    public Task<bool> Opened
    {
        get
        {
            lock (_lock)
                return _opened.Task;
        }
    }

    /// <summary>
    /// The stream for the next bytes, or null where it was withdrawn since <see cref="Opened"/> completed; another one may come. Once it was
    /// taken the request cannot be repeated on another connection.
    /// </summary>
    public Stream? TakeStream()
    {
        lock (_lock)
        {
            _used |= _stream is not null;
            return _stream;
        }
    }

    public override void Complete()
    {
        lock (_lock)
        {
            _opened.TrySetResult(false);
            _completed.TrySetResult();
        }
    }

    public override void Abort()
    {
        lock (_lock)
        {
            _opened.TrySetResult(false);
            _completed.TrySetCanceled();
        }
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // What was written went to the stream before, and is gone.
            if (_used)
                throw new IOException("The server went away before it looked at the call, and parts of it had been sent.");
            _stream = stream;
        }
        // Here and not only after the wait below, which may come late: the handler may have begun to repeat the request by then.
        using var withdrawal = cancellationToken.UnsafeRegister(_ => Withdraw(stream), null);
        try
        {
            // The headers go out now: the first message may take a while, and the server may speak first.
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            Open(stream);
            await _completed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_completed.Task.IsCanceled)
        {
            // Not our doing: the response tells.
        }
        finally
        {
            Withdraw(stream);
        }
    }

    private static TaskCompletionSource<bool> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Open(Stream stream)
    {
        lock (_lock)
        {
            if (_stream == stream)
                _opened.TrySetResult(true);
        }
    }

    /// <summary>The stream is dead. While nothing was taken from here, the call itself may live on with another one.</summary>
    private void Withdraw(Stream stream)
    {
        lock (_lock)
        {
            if (_stream != stream || _used || _completed.Task.IsCompleted)
                return;
            _stream = null;
            if (_opened.Task.IsCompleted)
                _opened = NewSignal();
        }
    }
}
