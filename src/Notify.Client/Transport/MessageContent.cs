using System.Net;

namespace Notify.Client.Transport;

/// <summary>The request body of a call with one request.</summary>
internal sealed class MessageContent(ReadOnlyMemory<byte> frame) : HttpContent
{
    private int _sending;

    /// <summary>Whether the transport is done with the bytes.</summary>
    public bool IsIdle => Volatile.Read(ref _sending) == 0;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    // May be called again: the handler repeats a request that a server did not look at before it went away.
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _sending);
        await stream.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
        // Not in a finally: after a failure the bytes may still be queued somewhere.
        Interlocked.Decrement(ref _sending);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
