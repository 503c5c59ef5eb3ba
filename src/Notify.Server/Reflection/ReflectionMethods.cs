using Notify.Core.Transport;
using Notify.Server.Reflection.V1;

namespace Notify.Server.Reflection;

/// <summary>The method of <c>grpc.reflection.v1.ServerReflection</c>.</summary>
public static class ReflectionMethods
{
    /// <summary>Questions about services and files, and their answers in the same order. A stream each way.</summary>
    public static GrpcMethod<ServerReflectionRequest, ServerReflectionResponse> ServerReflectionInfo { get; } =
        GrpcMethod.OfProtobuf<ServerReflectionRequest, ServerReflectionResponse>("grpc.reflection.v1.ServerReflection", "ServerReflectionInfo");
}
