using System.Security.Authentication;
using Notify.Core.Transport;

namespace Notify.Storage.Etcd;

/// <summary>What etcd's failures mean. Where a status code says several things, etcd's text tells them apart.</summary>
internal static class EtcdErrors
{
    /// <summary>The revision asked for is compacted.</summary>
    public static bool IsCompacted(GrpcException e) => Says(e, GrpcStatusCode.OutOfRange, "has been compacted");

    /// <summary>The answer is larger than we take.</summary>
    public static bool IsAnswerTooLarge(GrpcException e) => Says(e, GrpcStatusCode.ResourceExhausted, "bytes for receiving");

    /// <summary>The request is beyond a limit that the cluster was set to: of etcd, or of its gRPC somewhat above.</summary>
    public static bool IsTooLarge(GrpcException e) =>
        Says(e, GrpcStatusCode.InvalidArgument, "too large")
        || Says(e, GrpcStatusCode.InvalidArgument, "too many operations")
        || Says(e, GrpcStatusCode.ResourceExhausted, "larger than max");

    /// <summary>A token that was good once: a restarted member has forgotten it, it expired, or users were changed.</summary>
    public static bool IsTokenRejected(GrpcException e) =>
        e.Code == GrpcStatusCode.Unauthenticated || Says(e, GrpcStatusCode.InvalidArgument, "revision of auth store is old");

    /// <summary>The cluster has no users, so that nobody needs a token.</summary>
    public static bool IsAuthOff(GrpcException e) => Says(e, GrpcStatusCode.FailedPrecondition, "authentication is not enabled");

    /// <summary>Another member may do better.</summary>
    public static bool IsOfTheMember(GrpcException e) =>
        e.Code is GrpcStatusCode.Unavailable or GrpcStatusCode.DeadlineExceeded or GrpcStatusCode.Unknown or GrpcStatusCode.Internal;

    /// <summary>Who answers will say the same however often it is asked: the user, a certificate or the address has to be corrected.</summary>
    public static bool IsRefusal(GrpcException e) =>
        e.Code is GrpcStatusCode.InvalidArgument or GrpcStatusCode.PermissionDenied or GrpcStatusCode.Unauthenticated
            or GrpcStatusCode.FailedPrecondition or GrpcStatusCode.Unimplemented
        || CausesOf(e).OfType<AuthenticationException>().Any();

    /// <summary>etcd certainly did not do what it was asked, and will not. A line that broke proves nothing, whatever the code it is given.</summary>
    public static bool WasRefused(GrpcException e) =>
        e.Code is GrpcStatusCode.InvalidArgument or GrpcStatusCode.PermissionDenied or GrpcStatusCode.Unauthenticated
            or GrpcStatusCode.FailedPrecondition
        || Says(e, GrpcStatusCode.ResourceExhausted, "etcdserver: ")
        || IsTooLarge(e)
        || Says(e, GrpcStatusCode.Unavailable, "etcdserver: no leader")
        || WasNeverSent(e);

    private static bool WasNeverSent(GrpcException e) => CausesOf(e).OfType<HttpRequestException>().Any(cause => cause.HttpRequestError
        is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError);

    private static IEnumerable<Exception> CausesOf(Exception e)
    {
        for (var cause = e.InnerException; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }

    private static bool Says(GrpcException e, GrpcStatusCode code, string text) =>
        e.Code == code && e.Status.Detail.Contains(text, StringComparison.Ordinal);
}
