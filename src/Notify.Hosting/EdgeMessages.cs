using Google.Protobuf;
using Google.Protobuf.Reflection;
using Notify.Core.Messages;
using Notify.Edge;

namespace Notify.Hosting;

/// <summary>The message types of the edge model by their classes.</summary>
public static class EdgeMessages
{
    /// <summary>The type of a message class that the model annotates as a message.</summary>
    public static MessageType Of<TMessage>()
        where TMessage : IMessage<TMessage>, new()
    {
        MessageDescriptor descriptor = new TMessage().Descriptor;
        return EdgeTypes.Messages.Single(type => type.Name == descriptor.FullName);
    }
}
