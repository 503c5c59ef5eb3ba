using System.Buffers;
using Google.Protobuf;

namespace Notify.Core.Transport;

/// <summary>The codec of generated protobuf messages.</summary>
/// <typeparam name="T">A generated message.</typeparam>
/// <param name="parser">The parser of the type, with what limits or extensions the caller wants.</param>
public sealed class ProtobufCodec<T>(MessageParser<T> parser) : IMessageCodec<T>
    where T : class, IMessage<T>
{
    /// <inheritdoc/>
    public int SizeOf(T message) => message.CalculateSize();

    /// <inheritdoc/>
    public void Write(T message, IBufferWriter<byte> output) => message.WriteTo(output);

    /// <inheritdoc/>
    public T Read(in ReadOnlySequence<byte> bytes)
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new GrpcException(
                GrpcStatusCode.Internal, $"{bytes.Length} bytes are not a message of type {typeof(T).Name}: {e.Message}", innerException: e);
        }
    }
}
