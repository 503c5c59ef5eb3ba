using Google.Protobuf.Reflection;

namespace Notify.Core.Transport;

/// <summary>
/// A method of a gRPC service: its name and how its messages become bytes. Whether it is unary or streaming is said where it is called or
/// mapped. Immutable.
/// </summary>
/// <param name="Service">Full name of the service, for instance <c>notify.v1.Link</c>.</param>
/// <param name="Name">Name of the method.</param>
/// <param name="RequestCodec">The codec of requests.</param>
/// <param name="ResponseCodec">The codec of responses.</param>
public sealed record GrpcMethod<TRequest, TResponse>(
    string Service, string Name, IMessageCodec<TRequest> RequestCodec, IMessageCodec<TResponse> ResponseCodec)
{
    /// <summary>The path of the method on the wire: <c>/service/name</c>.</summary>
    public string Path { get; } = $"/{Service}/{Name}";

    /// <summary>The proto file that declares the service, for server reflection; null where that is not known.</summary>
    public FileDescriptor? File { get; init; }
}
