using Google.Protobuf;

namespace Notify.Core.Messages;

/// <summary>A message annotated <c>notify_message</c>: sent once to a node or a scope, never mirrored. Immutable.</summary>
/// <param name="Name">Full name of the message.</param>
public abstract record MessageType(string Name)
{
    /// <summary>Parses a received payload.</summary>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no such message.</exception>
    public abstract IMessage Parse(ByteString payload);
}
