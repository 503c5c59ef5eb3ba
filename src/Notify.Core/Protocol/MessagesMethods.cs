using Notify.Core.Transport;

namespace Notify.Core.Protocol;

/// <summary>The methods of <c>notify.v1.Messages</c>; what they promise stands in the proto file.</summary>
public static class MessagesMethods
{
    /// <summary>Full name of the service.</summary>
    public const string Service = "notify.v1.Messages";

    /// <summary>Sends a message to one node and waits for its reply. Unary.</summary>
    public static GrpcMethod<SendMessageRequest, SendMessageResponse> Send { get; } =
        GrpcMethod.OfProtobuf<SendMessageRequest, SendMessageResponse>(Service, "Send");
}
