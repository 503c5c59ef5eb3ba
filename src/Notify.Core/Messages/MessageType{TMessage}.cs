using Google.Protobuf;

namespace Notify.Core.Messages;

/// <summary>The typed form of <see cref="MessageType"/>; the generator makes one per annotated message.</summary>
/// <typeparam name="TMessage">The annotated message.</typeparam>
/// <param name="Name">Full name of the message.</param>
/// <param name="Parser">Its parser.</param>
public sealed record MessageType<TMessage>(string Name, MessageParser<TMessage> Parser) : MessageType(Name)
    where TMessage : IMessage<TMessage>
{
    /// <inheritdoc/>
    public override IMessage Parse(ByteString payload) => Parser.ParseFrom(payload);
}
