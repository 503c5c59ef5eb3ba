namespace Notify.Core.Schemas;

/// <summary>A message type as its proto file describes it.</summary>
internal sealed record MessageModel(MessageName Message, string File);
