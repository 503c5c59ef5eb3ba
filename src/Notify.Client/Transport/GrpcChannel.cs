using System.Net;
using Notify.Core.Transport;

namespace Notify.Client.Transport;

/// <summary>
/// Calls the methods of one server. Connects when the first call is made, shares the connection among calls, and connects again by itself
/// after a loss. Every failure of a call is a <see cref="GrpcException"/>. Safe for concurrent use.
/// </summary>
/// <remarks>
/// A server that goes away (GOAWAY) finishes the calls it has looked at. Those it has not looked at are repeated on a fresh connection as long as
/// nothing but the first request was sent, else they end with UNAVAILABLE.
/// </remarks>
public sealed class GrpcChannel : IDisposable
{
    private readonly GrpcChannelOptions _options;
    private readonly HttpMessageInvoker _transport;

    /// <summary>Creates a channel. Nothing is connected yet.</summary>
    /// <param name="address"><c>http://host:port</c> for HTTP/2 without TLS, <c>https://host:port</c> with it.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The address is none of the two.</exception>
    public GrpcChannel(Uri address, GrpcChannelOptions? options = null)
    {
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps) || address.PathAndQuery != "/")
            throw new ArgumentException($"'{address}' is not an address of the form http://host:port or https://host:port.", nameof(address));
        Address = address;
        _options = options ?? new GrpcChannelOptions();
        _transport = new HttpMessageInvoker(GrpcSockets.CreateHandler(_options), disposeHandler: true);
    }

    /// <summary>The server's address.</summary>
    public Uri Address { get; }

    /// <summary>Calls a method with one request and one response.</summary>
    /// <exception cref="GrpcException">The call failed; CANCELLED when <paramref name="cancellationToken"/> fired.</exception>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default, CancellationToken cancellationToken = default)
    {
        var result = await UnaryWithMetadataAsync(method, request, options, cancellationToken).ConfigureAwait(false);
        return result.Message;
    }

    /// <summary>As <see cref="UnaryAsync"/>, with the metadata that the server sent along.</summary>
    /// <exception cref="GrpcException">The call failed; CANCELLED when <paramref name="cancellationToken"/> fired.</exception>
    public async Task<UnaryResult<TResponse>> UnaryWithMetadataAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default, CancellationToken cancellationToken = default)
    {
        var frame = new PooledBuffer();
        MessageFrame.Write(frame, request, method.RequestCodec, _options.SendBytesMax);
        var content = new MessageContent(frame.Written);
        var call = Start(method, content, options, cancellationToken);
        await using (call.ConfigureAwait(false))
        {
            if (!await call.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false) || !call.TryRead(out var message))
                throw new GrpcException(GrpcStatusCode.Unimplemented, "The server ended a call that has one response without any.");
            if (await call.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
                throw new GrpcException(GrpcStatusCode.Unimplemented, "The server sent more than one response to a call that has one.");
            if (content.IsIdle)
                frame.Release();
            return new UnaryResult<TResponse>(message, await call.ReadHeadersAsync(CancellationToken.None).ConfigureAwait(false), call.Trailers);
        }
    }

    /// <summary>Starts a call with one request and a stream of responses. Dispose it.</summary>
    /// <exception cref="GrpcException">The request is above the limit for sending. Everything else shows when reading.</exception>
    public ServerStreamingCall<TResponse> ServerStreaming<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default, CancellationToken cancellationToken = default)
    {
        var frame = new PooledBuffer();
        MessageFrame.Write(frame, request, method.RequestCodec, _options.SendBytesMax);
        return new ServerStreamingCall<TResponse>(Start(method, new MessageContent(frame.Written), options, cancellationToken));
    }

    /// <summary>Starts a call with a stream each way. Dispose it.</summary>
    /// <param name="method">The method.</param>
    /// <param name="options">Metadata and deadline.</param>
    /// <param name="cancellationToken">Ends the call with CANCELLED, at any time.</param>
    public DuplexCall<TRequest, TResponse> Duplex<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, GrpcCallOptions options = default, CancellationToken cancellationToken = default)
    {
        var body = new DuplexContent();
        return new DuplexCall<TRequest, TResponse>(
            Start(method, body, options, cancellationToken), body, method.RequestCodec, _options.SendBytesMax);
    }

    /// <summary>Closes the connections. Calls that go on end with an error.</summary>
    public void Dispose() => _transport.Dispose();

    private ClientCall<TResponse> Start<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, RequestContent content, GrpcCallOptions options, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, method.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.TryAddWithoutValidation("content-type", GrpcHeaders.ContentType);
        var headers = request.Headers;
        headers.Host = _options.Tls?.ServerName; // The handler checks the certificate against this name, and against no other if it is set.
        headers.TryAddWithoutValidation("te", "trailers");
        headers.TryAddWithoutValidation("user-agent", "grpc-notify/0.1");
        headers.TryAddWithoutValidation(GrpcHeaders.AcceptEncoding, GrpcHeaders.Identity);
        if (options.Timeout is { } timeout)
            headers.TryAddWithoutValidation(GrpcHeaders.Timeout, GrpcTimeout.Format(timeout));
        foreach (var entry in options.Headers ?? [])
            headers.TryAddWithoutValidation(entry.Key, entry.HeaderValue);
        var outgoing = new OutgoingCall<TResponse>(_transport, request, content, method.ResponseCodec, _options, options.Timeout);
        return new ClientCall<TResponse>(outgoing, cancellationToken);
    }
}
