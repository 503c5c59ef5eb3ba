using Notify.Core.Transport;

namespace Notify.Core.Protocol;

/// <summary>The methods of <c>notify.v1.Objects</c>; what they promise stands in the proto file.</summary>
public static class ObjectsMethods
{
    /// <summary>Full name of the service.</summary>
    public const string Service = "notify.v1.Objects";

    /// <summary>Trailer with the revision that an answer holds at.</summary>
    public const string RevisionTrailer = "notify-revision";

    /// <summary>Trailer of ABORTED with a <see cref="FailedConditions"/> message.</summary>
    public const string ConditionsTrailer = "notify-conditions-bin";

    /// <summary>Creates or replaces one object. Unary.</summary>
    public static GrpcMethod<PutRequest, PutResponse> Put { get; } = GrpcMethod.OfProtobuf<PutRequest, PutResponse>(Service, "Put");

    /// <summary>Deletes one object. Unary.</summary>
    public static GrpcMethod<DeleteRequest, DeleteResponse> Delete { get; } =
        GrpcMethod.OfProtobuf<DeleteRequest, DeleteResponse>(Service, "Delete");

    /// <summary>Makes several changes at one revision. Unary.</summary>
    public static GrpcMethod<CommitRequest, CommitResponse> Commit { get; } =
        GrpcMethod.OfProtobuf<CommitRequest, CommitResponse>(Service, "Commit");

    /// <summary>Reads one object. Unary.</summary>
    public static GrpcMethod<GetRequest, GetResponse> Get { get; } = GrpcMethod.OfProtobuf<GetRequest, GetResponse>(Service, "Get");

    /// <summary>Reads objects of one snapshot. Server streaming.</summary>
    public static GrpcMethod<ListRequest, ListResponse> List { get; } = GrpcMethod.OfProtobuf<ListRequest, ListResponse>(Service, "List");

    /// <summary>Shows changes. Server streaming.</summary>
    public static GrpcMethod<WatchRequest, WatchResponse> Watch { get; } =
        GrpcMethod.OfProtobuf<WatchRequest, WatchResponse>(Service, "Watch");
}
