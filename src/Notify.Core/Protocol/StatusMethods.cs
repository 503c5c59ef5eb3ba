using Notify.Core.Transport;

namespace Notify.Core.Protocol;

/// <summary>The methods of <c>notify.v1.Status</c>; what they promise stands in the proto file.</summary>
public static class StatusMethods
{
    /// <summary>Full name of the service.</summary>
    public const string Service = "notify.v1.Status";

    /// <summary>The state now. Unary.</summary>
    public static GrpcMethod<GetStatusRequest, NodeStatus> Get { get; } = GrpcMethod.OfProtobuf<GetStatusRequest, NodeStatus>(Service, "Get");

    /// <summary>The state now and after each change. Server streaming.</summary>
    public static GrpcMethod<WatchStatusRequest, NodeStatus> Watch { get; } =
        GrpcMethod.OfProtobuf<WatchStatusRequest, NodeStatus>(Service, "Watch");
}
