using Notify.Core.Transport;

namespace Notify.Core.Protocol;

/// <summary>The methods of <c>notify.v1.Admin</c>; what they promise stands in the proto file.</summary>
public static class AdminMethods
{
    /// <summary>Full name of the service.</summary>
    public const string Service = "notify.v1.Admin";

    /// <summary>A backup of the store. Server streaming.</summary>
    public static GrpcMethod<BackUpRequest, BackUpResponse> BackUp { get; } =
        GrpcMethod.OfProtobuf<BackUpRequest, BackUpResponse>(Service, "BackUp");
}
