using Notify.Core.Transport;

namespace Notify.Client.Transport;

/// <summary>A response with the metadata around it.</summary>
/// <param name="Message">The response.</param>
/// <param name="Headers">What the server sent ahead of it.</param>
/// <param name="Trailers">What the server sent with the status.</param>
public sealed record UnaryResult<TResponse>(TResponse Message, GrpcMetadata Headers, GrpcMetadata Trailers);
