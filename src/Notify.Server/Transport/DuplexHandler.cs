using Notify.Core.Transport;

namespace Notify.Server.Transport;

/// <summary>
/// Reads requests and writes responses, each in its own time. The call ends when the task does, whether all requests were read or not.
/// </summary>
/// <remarks><inheritdoc cref="UnaryHandler{TRequest, TResponse}"/></remarks>
public delegate Task DuplexHandler<TRequest, TResponse>(IMessageReader<TRequest> requests, IMessageWriter<TResponse> responses, ServerCall call);
