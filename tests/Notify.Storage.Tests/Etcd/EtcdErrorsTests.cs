using Notify.Core.Transport;
using Notify.Storage.Etcd;

namespace Notify.Storage.Tests.Etcd;

/// <summary>Which failures of a write prove that nothing was written. All others leave the outcome open.</summary>
public sealed class EtcdErrorsTests
{
    [Theory]
    [InlineData(GrpcStatusCode.InvalidArgument, "etcdserver: request is too large", true)]
    [InlineData(GrpcStatusCode.PermissionDenied, "etcdserver: permission denied", true)]
    [InlineData(GrpcStatusCode.Unauthenticated, "etcdserver: invalid auth token", true)]
    [InlineData(GrpcStatusCode.ResourceExhausted, "etcdserver: mvcc: database space exceeded", true)]
    [InlineData(GrpcStatusCode.ResourceExhausted, "grpc: received message larger than max (3 vs. 2)", true)]
    [InlineData(GrpcStatusCode.ResourceExhausted, "The server closed the connection: ENHANCE_YOUR_CALM.", false)]
    [InlineData(GrpcStatusCode.Unavailable, "etcdserver: no leader", true)]
    [InlineData(GrpcStatusCode.Unavailable, "etcdserver: request timed out", false)]
    [InlineData(GrpcStatusCode.Unavailable, "The connection is closed.", false)]
    [InlineData(GrpcStatusCode.DeadlineExceeded, "The deadline passed.", false)]
    [InlineData(GrpcStatusCode.Cancelled, "The caller cancelled the call.", false)]
    [InlineData(GrpcStatusCode.Unknown, "raft proposal dropped", false)]
    public void Failure_OfAWrite_ProvesThatNothingWasWrittenOrDoesNot(GrpcStatusCode code, string text, bool proves) =>
        Assert.Equal(proves, EtcdErrors.WasRefused(new GrpcException(code, text)));

    [Theory]
    [InlineData(HttpRequestError.ConnectionError, true)]
    [InlineData(HttpRequestError.NameResolutionError, true)]
    [InlineData(HttpRequestError.SecureConnectionError, true)]
    [InlineData(HttpRequestError.ResponseEnded, false)]
    [InlineData(HttpRequestError.Unknown, false)]
    public void Connection_ThatWasNeverMade_ProvesIt(HttpRequestError error, bool proves) => Assert.Equal(
        proves,
        EtcdErrors.WasRefused(new GrpcException(GrpcStatusCode.Unavailable, "x", innerException: new HttpRequestException(error, "x"))));
}
