using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Notify.Core.Transport;

namespace Notify.Client.Transport;

/// <summary>What failures below gRPC mean in its status codes, as its specification maps HTTP statuses and HTTP/2 error codes.</summary>
internal static class HttpFailures
{
    public static GrpcStatusCode FromHttpStatus(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => GrpcStatusCode.Internal,
        HttpStatusCode.Unauthorized => GrpcStatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => GrpcStatusCode.PermissionDenied,
        HttpStatusCode.NotFound => GrpcStatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
            GrpcStatusCode.Unavailable,
        _ => GrpcStatusCode.Unknown,
    };

    public static GrpcStatus FromException(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case GrpcException grpc:
                    return grpc.Status;
                case HttpProtocolException protocol:
                    return new GrpcStatus(FromHttp2Error(protocol), Describe(exception));
                default:
                    continue;
            }
        }
        return new GrpcStatus(IsOfTheConnection(exception) ? GrpcStatusCode.Unavailable : GrpcStatusCode.Internal, Describe(exception));
    }

    /// <summary>A connection that could not be made, or broke. Anything else is a fault in this process, and nobody should try again for it.</summary>
    private static bool IsOfTheConnection(Exception exception) =>
        exception is HttpRequestException or IOException or SocketException or AuthenticationException
            or OperationCanceledException or ObjectDisposedException or TimeoutException;

    private static GrpcStatusCode FromHttp2Error(HttpProtocolException exception) => exception.ErrorCode switch
    {
        // NO_ERROR and PROTOCOL_ERROR: a GOAWAY, a ping without an answer, bytes that are not HTTP/2. A stream reset with the second one would be
        // INTERNAL, but .NET gives both the same exception, and a lost connection is the common case by far.
        0 or 1 => GrpcStatusCode.Unavailable,
        7 => GrpcStatusCode.Unavailable, // REFUSED_STREAM
        8 => GrpcStatusCode.Cancelled, // CANCEL
        11 => GrpcStatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        12 => GrpcStatusCode.PermissionDenied, // INADEQUATE_SECURITY
        _ => GrpcStatusCode.Internal,
    };

    private static string Describe(Exception exception) =>
        exception switch
        {
            ObjectDisposedException => "The connection is closed.",
            { InnerException: TimeoutException timeout } => timeout.Message,
            { InnerException: { } inner } when !exception.Message.Contains(inner.Message, StringComparison.Ordinal) =>
                $"{exception.Message} {inner.Message}",
            _ => exception.Message,
        };
}
