using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>Says why a message is no name of anything: its bytes would not be unique, or it has no end.</summary>
internal static class KeyFaults
{
    /// <summary>What the message does that a key must not, or null.</summary>
    public static string? Of(MessageDescriptor message) => Of(message, new(StringComparer.Ordinal));

    private static string? Of(MessageDescriptor message, HashSet<string> above)
    {
        if (!above.Add(message.FullName))
        {
            return $"contains {message.FullName}, which contains itself";
        }

        // What is in an extension is unknown to the layout of a key, so two keys that differ there would be one.
        if (message.ToProto().ExtensionRange.Count > 0)
        {
            return above.Count == 1 ? "has extensions" : $"contains {message.FullName}, which has extensions";
        }

        foreach (var field in message.Fields.InDeclarationOrder())
        {
            var fault = field.FieldType switch
            {
                _ when Groups.IsGroup(field) => $"contains the group {field.FullName}",
                _ when field.RealContainingOneof is { } oneof => $"contains the oneof {oneof.FullName}",
                FieldType.Message => Of(field.MessageType, above),
                _ => null,
            };
            if (fault is not null)
            {
                return fault;
            }
        }

        above.Remove(message.FullName);
        return null;
    }
}
