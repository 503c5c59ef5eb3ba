using System.Buffers;

namespace Notify.Core.Transport;

/// <summary>
/// Turns messages of a type into bytes and back. <see cref="ProtobufCodec{T}"/> is the usual one; a type that is encoded already has
/// one that copies its bytes. Implementations are safe for concurrent use.
/// </summary>
/// <typeparam name="T">The type of a message.</typeparam>
public interface IMessageCodec<T>
{
    /// <summary>The number of bytes that <see cref="Write"/> is going to write.</summary>
    int SizeOf(T message);

    /// <summary>Writes the message: exactly <see cref="SizeOf"/> bytes.</summary>
    void Write(T message, IBufferWriter<byte> output);

    /// <summary>Reads one message. The bytes are valid during the call only: keep a copy or nothing.</summary>
    /// <exception cref="GrpcException">The bytes are no message of this type.</exception>
    T Read(in ReadOnlySequence<byte> bytes);
}
