using System.Net;

namespace Notify.Client.Transport;

/// <summary>The request body of a call.</summary>
internal abstract class RequestContent : HttpContent
{
    /// <summary>Ends the body where it is still open: the server sees the end of the requests. May be called any number of times.</summary>
    public abstract void Complete();

    /// <summary>Breaks the body off where it is still open: the transport resets the stream. May be called any number of times.</summary>
    public abstract void Abort();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    /// <remarks>
    /// The handler may ask again: it repeats a request that the server did not look at before it went away. When the server resets the
    /// stream, or the connection breaks, the body ends as if it were complete: were it to fail, the handler would report that failure and not
    /// the one of the response, which says why.
    /// </remarks>
    protected abstract override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
