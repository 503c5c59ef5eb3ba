using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Ctl.Types;

/// <summary>One single value inside a key message, maybe in messages in it.</summary>
internal sealed record KeyLeaf(IReadOnlyList<FieldDescriptor> Path)
{
    public FieldDescriptor Field => Path[^1];

    /// <summary>Names on the way, with dots between.</summary>
    public string Name { get; } = string.Join('.', Path.Select(field => field.JsonName));

    /// <summary>The same by the names in the proto file.</summary>
    public string ProtoName { get; } = string.Join('.', Path.Select(field => field.Name));

    /// <summary>The value as text, empty for the default.</summary>
    public string Get(IMessage key)
    {
        var message = key;
        foreach (var step in Path.SkipLast(1))
        {
            if (step.Accessor.GetValue(message) is not IMessage inner)
                return "";
            message = inner;
        }
        return Field.Accessor.GetValue(message) switch
        {
            ByteString bytes => bytes.ToBase64(),
            Enum value => Field.EnumType.FindValueByNumber(Convert.ToInt32(value, CultureInfo.InvariantCulture))?.Name ?? $"{value:D}",
            bool value => value ? "true" : "false",
            var value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
    }

    /// <summary>Sets the value, making the messages on the way.</summary>
    public void Set(IMessage key, object value)
    {
        var message = key;
        foreach (var step in Path.SkipLast(1))
        {
            if (step.Accessor.GetValue(message) is not IMessage inner)
                step.Accessor.SetValue(message, inner = step.MessageType.Parser.ParseFrom(ByteString.Empty));
            message = inner;
        }
        Field.Accessor.SetValue(message, value);
    }
}
