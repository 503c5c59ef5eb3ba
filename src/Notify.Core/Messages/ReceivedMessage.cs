using Google.Protobuf;

namespace Notify.Core.Messages;

/// <summary>A message that arrived at its target.</summary>
/// <param name="Source">Name of the node that sent it.</param>
/// <param name="Id">Its id, to answer it.</param>
/// <param name="Payload">The message itself.</param>
public sealed record ReceivedMessage(string Source, string Id, IMessage Payload);
