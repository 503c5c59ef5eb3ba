using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Messages;
using Notify.Core.Protocol;
using Scope = Notify.Core.Types.Scope;

namespace Notify.Core.Tests;

/// <summary>A message type that every runtime has: a text.</summary>
internal static class TestMessages
{
    public static MessageType<StringValue> Text { get; } = new(StringValue.Descriptor.FullName, StringValue.Parser);

    public static StringValue Of(string text) => new() { Value = text };

    public static string Read(ReceivedMessage message) => ((StringValue)message.Payload).Value;

    /// <summary>The wire form of a text to a scope.</summary>
    public static Message Create(string source, string text, Scope scope) => new()
    {
        Id = $"{source}/1",
        Type = StringValue.Descriptor.FullName,
        Payload = Of(text).ToByteString(),
        Source = source,
        Scope = new ScopeKey { Type = scope.Type, Key = scope.Key },
        Hops = 8,
    };
}
