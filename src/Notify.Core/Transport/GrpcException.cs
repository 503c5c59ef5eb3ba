namespace Notify.Core.Transport;

/// <summary>
/// A call ended with a status other than <see cref="GrpcStatusCode.Ok"/>. Clients throw it for every failure of a call; a server handler
/// throws it to end its call with that status, and the detail is sent to the peer as it is.
/// </summary>
public sealed class GrpcException : NotifyException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">The status; not <see cref="GrpcStatusCode.Ok"/>.</param>
    /// <param name="detail">Text for people. A server sends it to its client.</param>
    /// <param name="trailers">Metadata that came, or is to go, with the status.</param>
    /// <param name="innerException">The cause. Never sent.</param>
    public GrpcException(GrpcStatusCode code, string detail, GrpcMetadata? trailers = null, Exception? innerException = null)
        : base(new GrpcStatus(code, detail).ToString(), innerException)
    {
        if (code == GrpcStatusCode.Ok)
            throw new ArgumentOutOfRangeException(nameof(code), "A success is not an exception.");
        Status = new GrpcStatus(code, detail);
        Trailers = trailers ?? [];
    }

    /// <summary>How the call ended.</summary>
    public GrpcStatus Status { get; }

    /// <summary>The code of <see cref="Status"/>.</summary>
    public GrpcStatusCode Code => Status.Code;

    /// <summary>Metadata sent with the status.</summary>
    public GrpcMetadata Trailers { get; }
}
