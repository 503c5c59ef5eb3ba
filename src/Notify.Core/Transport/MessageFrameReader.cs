using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Notify.Core.Transport;

/// <summary>
/// Reads framed messages from a pipe. Knows nothing of calls: what the pipe throws comes out as it is. One reader at a time.
/// </summary>
/// <typeparam name="T">The type of a message.</typeparam>
public sealed class MessageFrameReader<T>(PipeReader input, IMessageCodec<T> codec, int messageBytesMax)
{
    private ReadOnlySequence<byte> _buffer;
    private bool _holdsBuffer;
    private bool _inputEnded;

    /// <inheritdoc cref="IMessageReader{T}.TryRead"/>
    public bool TryRead([MaybeNullWhen(false)] out T message)
    {
        if (!_holdsBuffer || !MessageFrame.TryRead(_buffer, messageBytesMax, out var bytes))
        {
            message = default;
            return false;
        }
        // Decoded before the buffer moves on, so that a message that cannot be decoded fails each further read too.
        message = codec.Read(bytes);
        _buffer = _buffer.Slice(bytes.End);
        return true;
    }

    /// <summary>Waits for a message in full; false after the last one.</summary>
    /// <exception cref="GrpcException">The message breaks the protocol or a limit.</exception>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) =>
        _holdsBuffer && MessageFrame.TryRead(_buffer, messageBytesMax, out _) ? new(true) : FillAsync(cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReleaseBuffer();
            if (_inputEnded)
                return false;
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            _buffer = result.Buffer;
            _holdsBuffer = true;
            if (MessageFrame.TryRead(_buffer, messageBytesMax, out _))
                return true;
            if (!result.IsCompleted)
                continue;
            var rest = _buffer.Length;
            _inputEnded = rest == 0;
            if (rest > 0)
                throw new GrpcException(GrpcStatusCode.Internal, $"The stream ended inside a message, {rest} bytes into it.");
        }
    }

    private void ReleaseBuffer()
    {
        if (!_holdsBuffer)
            return;
        _holdsBuffer = false;
        input.AdvanceTo(_buffer.Start, _buffer.End);
        _buffer = default;
    }
}
