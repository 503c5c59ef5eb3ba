using System.Net;

namespace Notify.Client.Transport;

/// <summary>
/// The request body of a call that streams: hands the transport's stream to the writer and stays open until the call ends.
/// </summary>
internal sealed class DuplexContent : RequestContent
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<bool> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Stream? _stream;
    private bool _used;

    /// <summary>Completes when the request is on its way: true with a stream to write to, false when the call ended before.</summary>
    public Task<bool> Opened => _opened.Task;

    /// <summary>The stream for the next bytes. From then on the request cannot be repeated on another connection.</summary>
    public Stream TakeStream()
    {
        lock (_lock)
        {
            _used = true;
            return _stream!; // Set before Opened completes with true, and callers await that.
        }
    }

    public override void Complete()
    {
        _opened.TrySetResult(false);
        _completed.TrySetResult();
    }

    public override void Abort()
    {
        _opened.TrySetResult(false);
        _completed.TrySetCanceled();
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // The handler repeats a request that the server did not look at before it went away. What was written is gone by then.
            if (_used)
                throw new IOException("The server went away before it looked at the call, and parts of it had been sent.");
            _stream = stream;
        }
        try
        {
            // The headers go out now: the first message may take a while, and the server may speak first.
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            _opened.TrySetResult(true);
            await _completed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_completed.Task.IsCanceled)
        {
            // Not our doing: the response tells.
        }
    }
}
