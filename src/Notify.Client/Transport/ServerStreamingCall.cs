using System.Diagnostics.CodeAnalysis;
using Notify.Core.Transport;

namespace Notify.Client.Transport;

/// <summary>
/// A call with one request and a stream of responses. One reader at a time. The end of the messages is the server's OK, any other status is
/// thrown. Disposing a call that has not ended resets it.
/// </summary>
public sealed class ServerStreamingCall<TResponse> : IMessageReader<TResponse>, IAsyncDisposable
{
    private readonly ClientCall<TResponse> _call;

    internal ServerStreamingCall(ClientCall<TResponse> call) => _call = call;

    /// <summary>How the call ended; null while it goes on or its end has not been read.</summary>
    public GrpcStatus? Status => _call.Status;

    /// <summary>The metadata that came with the status; empty before.</summary>
    public GrpcMetadata Trailers => _call.Trailers;

    /// <summary>Waits for the server's headers, which come with its first message or before, and gives their metadata.</summary>
    /// <exception cref="GrpcException">The call failed before there were any.</exception>
    public Task<GrpcMetadata> ReadHeadersAsync(CancellationToken cancellationToken = default) => _call.ReadHeadersAsync(cancellationToken);

    /// <inheritdoc/>
    public bool TryRead([MaybeNullWhen(false)] out TResponse message) => _call.TryRead(out message);

    /// <inheritdoc/>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => _call.WaitToReadAsync(cancellationToken);

    /// <summary>Ends the call; one that goes on is reset and its status is CANCELLED. Nothing may be reading.</summary>
    public ValueTask DisposeAsync() => _call.DisposeAsync();
}
