using Notify.Core.Transport;

namespace Notify.Server.Transport;

/// <summary>Answers one request with any number of responses. The call ends when the task does; what was written is flushed then.</summary>
/// <remarks><inheritdoc cref="UnaryHandler{TRequest, TResponse}"/></remarks>
public delegate Task ServerStreamingHandler<TRequest, TResponse>(TRequest request, IMessageWriter<TResponse> responses, ServerCall call);
