using Notify.Core.Transport;

namespace Notify.Server.Transport;

/// <summary>Answers one request with one response.</summary>
/// <remarks>A <see cref="GrpcException"/> ends the call with its status; any other exception is logged and ends it with UNKNOWN.</remarks>
public delegate Task<TResponse> UnaryHandler<TRequest, TResponse>(TRequest request, ServerCall call);
