using Notify.Client.Transport;
using Notify.Core.Transport;

namespace Notify.Ctl.Remote;

/// <summary>The node that the commands of this process talk to.</summary>
internal sealed class NodeConnection(Uri address, TimeSpan timeout) : IDisposable
{
    // What a node sends at once is bounded by its own limits; a batch of a list may hold objects of the largest size.
    private const int MessageBytesMax = 64 * 1024 * 1024;

    private readonly GrpcChannel _channel = new(address, new GrpcChannelOptions { ReceiveBytesMax = MessageBytesMax, SendBytesMax = MessageBytesMax });

    /// <summary>As a person would write it.</summary>
    public string Address { get; } = address.Scheme == Uri.UriSchemeHttp ? address.Authority : address.GetLeftPart(UriPartial.Authority);

    public TimeSpan Timeout { get; } = timeout;

    /// <summary>Calls with the timeout of the command line.</summary>
    /// <exception cref="GrpcException">The call failed.</exception>
    public Task<TResponse> CallAsync<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, TRequest request, CancellationToken cancellationToken) =>
        _channel.UnaryAsync(method, request, new GrpcCallOptions { Timeout = Timeout }, cancellationToken);

    /// <summary>Starts a call that gives many responses. Dispose it.</summary>
    /// <param name="method">The method.</param>
    /// <param name="request">The request.</param>
    /// <param name="endless">The call goes on for as long as the node lives: no timeout.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public ServerStreamingCall<TResponse> Stream<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, bool endless, CancellationToken cancellationToken) =>
        Stream(method, request, endless ? null : Timeout, cancellationToken);

    /// <summary>The same with a timeout of its own.</summary>
    public ServerStreamingCall<TResponse> Stream<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, TimeSpan? timeout, CancellationToken cancellationToken) =>
        _channel.ServerStreaming(method, request, new GrpcCallOptions { Timeout = timeout }, cancellationToken);

    public void Dispose() => _channel.Dispose();
}
