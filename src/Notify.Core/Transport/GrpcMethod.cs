using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Core.Transport;

/// <summary>Makes descriptions of methods.</summary>
public static class GrpcMethod
{
    /// <summary>Describes a method whose messages are generated protobuf messages.</summary>
    /// <param name="service">Full name of the service, for instance <c>notify.v1.Link</c>. Server reflection knows it where the file of one of the
    /// two messages declares it.</param>
    /// <param name="name">Name of the method.</param>
    public static GrpcMethod<TRequest, TResponse> OfProtobuf<TRequest, TResponse>(string service, string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        new(
            service,
            name,
            new ProtobufCodec<TRequest>(new MessageParser<TRequest>(static () => new TRequest())),
            new ProtobufCodec<TResponse>(new MessageParser<TResponse>(static () => new TResponse())))
        {
            File = FileOf(service, new TRequest()) ?? FileOf(service, new TResponse()),
        };

    /// <summary>The file of the message, if it declares the service.</summary>
    private static FileDescriptor? FileOf(string service, IMessage message) =>
        message.Descriptor.File is { } file && file.Services.Any(declared => declared.FullName == service) ? file : null;
}
