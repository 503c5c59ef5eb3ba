using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Notify.Core.Transport;

namespace Notify.Server.Transport;

internal sealed class ServerMessageReader<T>(ServerCall call, IMessageCodec<T> codec, int receiveBytesMax) : IMessageReader<T>
{
    private readonly MessageFrameReader<T> _frames = new(call.Http.Request.BodyReader, codec, receiveBytesMax);

    public bool TryRead([MaybeNullWhen(false)] out T message) => _frames.TryRead(out message);

    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.CanBeCanceled && cancellationToken != call.CancellationToken)
            return WaitLinkedAsync(cancellationToken);
        var waiting = _frames.WaitToReadAsync(call.CancellationToken);
        return waiting.IsCompletedSuccessfully ? waiting : WaitAsync(waiting, default);
    }

    /// <summary>Reads the only message of a call that takes one.</summary>
    public async ValueTask<T> ReadOnlyMessageAsync()
    {
        if (!await WaitToReadAsync().ConfigureAwait(false) || !TryRead(out var message))
            throw new GrpcException(GrpcStatusCode.Unimplemented, "The method takes one request and none was sent.");
        if (await WaitToReadAsync().ConfigureAwait(false))
            throw new GrpcException(GrpcStatusCode.Unimplemented, "The method takes one request and more were sent.");
        return message;
    }

    private async ValueTask<bool> WaitLinkedAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, cancellationToken);
        return await WaitAsync(_frames.WaitToReadAsync(either.Token), cancellationToken).ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ValueTask<bool> waiting, CancellationToken callerToken)
    {
        try
        {
            return await waiting.ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            throw call.Explain(e, callerToken);
        }
    }
}
