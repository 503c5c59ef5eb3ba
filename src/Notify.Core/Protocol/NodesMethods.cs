using Notify.Core.Transport;

namespace Notify.Core.Protocol;

/// <summary>The methods of <c>notify.v1.Nodes</c>; what they promise stands in the proto file.</summary>
public static class NodesMethods
{
    /// <summary>Full name of the service.</summary>
    public const string Service = "notify.v1.Nodes";

    /// <summary>Waits until nodes have applied a revision. Server streaming.</summary>
    public static GrpcMethod<WaitRequest, WaitResponse> Wait { get; } = GrpcMethod.OfProtobuf<WaitRequest, WaitResponse>(Service, "Wait");

    /// <summary>Lists the nodes below. Server streaming.</summary>
    public static GrpcMethod<ListNodesRequest, ListNodesResponse> List { get; } =
        GrpcMethod.OfProtobuf<ListNodesRequest, ListNodesResponse>(Service, "List");

    /// <summary>Waits for a vanished node no more. Unary.</summary>
    public static GrpcMethod<ForgetNodeRequest, ForgetNodeResponse> Forget { get; } =
        GrpcMethod.OfProtobuf<ForgetNodeRequest, ForgetNodeResponse>(Service, "Forget");
}
