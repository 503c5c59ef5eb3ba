using System.Buffers;

namespace Notify.Core.Transport;

/// <summary>The codec of messages that are encoded already: writes them as they are, reads them into an array of their own.</summary>
public sealed class BytesCodec : IMessageCodec<ReadOnlyMemory<byte>>
{
    private BytesCodec()
    {
    }

    /// <summary>The codec; it has no state.</summary>
    public static BytesCodec Instance { get; } = new();

    /// <inheritdoc/>
    public int SizeOf(ReadOnlyMemory<byte> message) => message.Length;

    /// <inheritdoc/>
    public void Write(ReadOnlyMemory<byte> message, IBufferWriter<byte> output) => output.Write(message.Span);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Read(in ReadOnlySequence<byte> bytes) => bytes.ToArray();
}
