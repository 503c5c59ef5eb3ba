using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Notify.Core.Transport;

namespace Notify.Server.Transport;

internal sealed class ServerMessageWriter<T>(ServerCall call, IMessageCodec<T> codec, int sendBytesMax) : IMessageWriter<T>
{
    private readonly PipeWriter _output = call.Http.Response.BodyWriter;

    public long UnflushedBytes { get; private set; }

    public void Write(T message)
    {
        // Once the client is gone Kestrel drops what is written, so there is nothing to check here; flushing tells.
        var written = MessageFrame.Write(_output, message, codec, sendBytesMax);
        call.HasWritten = true;
        UnflushedBytes += written;
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        call.ApplyHeaders();
        UnflushedBytes = 0;
        if (cancellationToken.CanBeCanceled && cancellationToken != call.CancellationToken)
            return FlushLinkedAsync(cancellationToken);
        var flushing = StartFlush(call.CancellationToken);
        if (!flushing.IsCompletedSuccessfully || call.CancellationToken.IsCancellationRequested)
            return FlushAsync(flushing, default);
        _ = flushing.Result;
        return default;
    }

    private ValueTask<FlushResult> StartFlush(CancellationToken cancellationToken)
    {
        try
        {
            return _output.FlushAsync(cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            // Kestrel throws this at once, not in the task, when the client went away just before.
            return ValueTask.FromException<FlushResult>(e);
        }
    }

    private async ValueTask FlushLinkedAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, cancellationToken);
        await FlushAsync(StartFlush(either.Token), cancellationToken).ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FlushAsync(ValueTask<FlushResult> flushing, CancellationToken callerToken)
    {
        Exception? failure = null;
        try
        {
            await flushing.ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            failure = e;
        }
        // Kestrel does not throw when the client has gone: it drops the bytes.
        if (failure is not null || call.CancellationToken.IsCancellationRequested || callerToken.IsCancellationRequested)
            throw call.Explain(failure, callerToken);
    }
}
