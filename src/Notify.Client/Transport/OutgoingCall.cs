using Notify.Core.Transport;

namespace Notify.Client.Transport;

/// <summary>A call that is ready to go: the request and how to read the response.</summary>
internal sealed class OutgoingCall<TResponse>(
    HttpMessageInvoker transport,
    HttpRequestMessage request,
    RequestContent body,
    IMessageCodec<TResponse> codec,
    GrpcChannelOptions options,
    TimeSpan? timeout)
{
    public RequestContent Body { get; } = body;

    public IMessageCodec<TResponse> Codec { get; } = codec;

    public GrpcChannelOptions Options { get; } = options;

    public TimeSpan? Timeout { get; } = timeout;

    public Task<HttpResponseMessage> SendAsync(CancellationToken cancellationToken) => transport.SendAsync(request, cancellationToken);
}
