using Notify.Core.Transport;

namespace Notify.Client.Transport;

/// <summary>A call that is ready to go: the request and how to read the response.</summary>
internal sealed class OutgoingCall<TResponse>(
    HttpMessageInvoker transport, HttpRequestMessage request, IMessageCodec<TResponse> codec, GrpcChannelOptions options, TimeSpan? timeout)
{
    public IMessageCodec<TResponse> Codec { get; } = codec;

    public GrpcChannelOptions Options { get; } = options;

    public TimeSpan? Timeout { get; } = timeout;

    public Task<HttpResponseMessage> SendAsync(CancellationToken cancellationToken) => transport.SendAsync(request, cancellationToken);

    /// <summary>Ends the request half where it is still open. May be called any number of times.</summary>
    public void EndRequest() => (request.Content as DuplexContent)?.Complete();
}
