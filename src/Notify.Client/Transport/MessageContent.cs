using System.Net;

namespace Notify.Client.Transport;

/// <summary>The request body of a call with one request.</summary>
internal sealed class MessageContent(ReadOnlyMemory<byte> frame) : RequestContent
{
    private int _sending;
    private volatile bool _aborted;

    /// <summary>Whether the transport is done with the bytes.</summary>
    public bool IsIdle => Volatile.Read(ref _sending) == 0;

    public override void Complete()
    {
        // It ends by itself.
    }

    public override void Abort() => _aborted = true;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _sending);
        try
        {
            await stream.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_aborted)
        {
            return; // Not our doing: the response tells.
        }
        // Not after a failure: the bytes may still be queued somewhere then.
        Interlocked.Decrement(ref _sending);
    }
}
