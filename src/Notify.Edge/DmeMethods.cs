using Notify.Core.Transport;

namespace Notify.Edge;

/// <summary>The methods of <c>edge.v1.Dme</c>; what they promise stands in the proto file.</summary>
public static class DmeMethods
{
    /// <summary>Full name of the service.</summary>
    public const string Service = "edge.v1.Dme";

    /// <summary>Finds the nearest healthy instance of an app. Unary.</summary>
    public static GrpcMethod<FindCloudletRequest, FindCloudletResponse> FindCloudlet { get; } =
        GrpcMethod.OfProtobuf<FindCloudletRequest, FindCloudletResponse>(Service, "FindCloudlet");
}
