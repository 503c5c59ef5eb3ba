using Google.Protobuf;
using Notify.Core.Transport;
using Notify.Storage.Etcd.Api;

namespace Notify.Storage.Etcd;

/// <summary>A unary method of etcd, whose responses all say who answered.</summary>
internal sealed record EtcdMethod<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> Grpc, Func<TResponse, ResponseHeader> HeaderOf)
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>, new();

/// <summary>The methods of etcd that are called.</summary>
internal static class EtcdMethod
{
    public static EtcdMethod<RangeRequest, RangeResponse> Range { get; } =
        new(GrpcMethod.OfProtobuf<RangeRequest, RangeResponse>("etcdserverpb.KV", "Range"), response => response.Header);

    public static EtcdMethod<TxnRequest, TxnResponse> Txn { get; } =
        new(GrpcMethod.OfProtobuf<TxnRequest, TxnResponse>("etcdserverpb.KV", "Txn"), response => response.Header);

    public static EtcdMethod<CompactionRequest, CompactionResponse> Compact { get; } =
        new(GrpcMethod.OfProtobuf<CompactionRequest, CompactionResponse>("etcdserverpb.KV", "Compact"), response => response.Header);

    public static EtcdMethod<LeaseGrantRequest, LeaseGrantResponse> LeaseGrant { get; } =
        new(GrpcMethod.OfProtobuf<LeaseGrantRequest, LeaseGrantResponse>("etcdserverpb.Lease", "LeaseGrant"), response => response.Header);

    public static EtcdMethod<LeaseRevokeRequest, LeaseRevokeResponse> LeaseRevoke { get; } =
        new(GrpcMethod.OfProtobuf<LeaseRevokeRequest, LeaseRevokeResponse>("etcdserverpb.Lease", "LeaseRevoke"), response => response.Header);

    public static GrpcMethod<LeaseKeepAliveRequest, LeaseKeepAliveResponse> LeaseKeepAlive { get; } =
        GrpcMethod.OfProtobuf<LeaseKeepAliveRequest, LeaseKeepAliveResponse>("etcdserverpb.Lease", "LeaseKeepAlive");

    public static GrpcMethod<AuthenticateRequest, AuthenticateResponse> Authenticate { get; } =
        GrpcMethod.OfProtobuf<AuthenticateRequest, AuthenticateResponse>("etcdserverpb.Auth", "Authenticate");

    public static GrpcMethod<WatchRequest, WatchResponse> Watch { get; } =
        GrpcMethod.OfProtobuf<WatchRequest, WatchResponse>("etcdserverpb.Watch", "Watch");
}
