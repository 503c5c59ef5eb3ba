using System.Buffers;
using System.Buffers.Binary;

namespace Notify.Core.Transport;

/// <summary>
/// The frame around a message on the wire: one byte that says whether it is compressed (never, here), the length in four bytes, the
/// highest first, and the message.
/// </summary>
public static class MessageFrame
{
    /// <summary>Bytes in front of each message.</summary>
    public const int PrefixBytes = 5;

    /// <summary>The limit that gRPC implementations commonly have for a message.</summary>
    public const int DefaultMessageBytesMax = 4 * 1024 * 1024;

    /// <summary>Writes a message with its prefix and returns how many bytes that were.</summary>
    /// <exception cref="GrpcException">The message is larger than <paramref name="messageBytesMax"/>; nothing was written.</exception>
    public static int Write<T>(IBufferWriter<byte> output, T message, IMessageCodec<T> codec, int messageBytesMax)
    {
        var size = codec.SizeOf(message);
        if (size > messageBytesMax)
        {
            throw new GrpcException(
                GrpcStatusCode.ResourceExhausted, $"A message of {size} bytes is above the limit of {messageBytesMax} bytes for sending.");
        }
        var prefix = output.GetSpan(PrefixBytes);
        prefix[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], (uint)size);
        output.Advance(PrefixBytes);
        codec.Write(message, output);
        return PrefixBytes + size;
    }

    /// <summary>
    /// Finds the message at the start of the buffer. False while it has not arrived in full; the prefix alone is enough to refuse it.
    /// </summary>
    /// <exception cref="GrpcException">The message is compressed, too large, or its prefix is not one.</exception>
    internal static bool TryRead(in ReadOnlySequence<byte> buffer, int messageBytesMax, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (buffer.Length < PrefixBytes)
            return false;
        Span<byte> copy = stackalloc byte[PrefixBytes];
        scoped var prefix = buffer.FirstSpan;
        if (prefix.Length < PrefixBytes)
        {
            buffer.Slice(0, PrefixBytes).CopyTo(copy);
            prefix = copy;
        }
        if (prefix[0] == 1)
            throw new GrpcException(GrpcStatusCode.Unimplemented, "The message is compressed; no compression is supported.");
        if (prefix[0] != 0)
            throw new GrpcException(GrpcStatusCode.Internal, $"A message starts with the byte {prefix[0]}, which is not a compressed-flag.");
        var size = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (size > (uint)messageBytesMax)
        {
            throw new GrpcException(
                GrpcStatusCode.ResourceExhausted, $"A message of {size} bytes is above the limit of {messageBytesMax} bytes for receiving.");
        }
        if (buffer.Length - PrefixBytes < size)
            return false;
        message = buffer.Slice(PrefixBytes, size);
        return true;
    }
}
