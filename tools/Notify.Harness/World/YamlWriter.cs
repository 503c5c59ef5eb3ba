using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Harness.World;

/// <summary>
/// Writes messages as the YAML documents of samples/README.md: the fields of the proto3 JSON mapping, a line for each, what lies
/// deeper in flow style. 64-bit integers are plain numbers, which proto3 JSON accepts; fields at their defaults are left out.
/// </summary>
internal static partial class YamlWriter
{
    public static void WriteDocument(StringBuilder yaml, IMessage message)
    {
        yaml.Append("---\ntype: ").Append(message.Descriptor.Name).Append("\nobject:\n");
        foreach (var (field, value) in Fields(message))
        {
            yaml.Append("  ").Append(field.JsonName).Append(':');
            if (field is { IsRepeated: true, IsMap: false, FieldType: FieldType.Message })
            {
                foreach (var item in (IEnumerable)value)
                    yaml.Append("\n    - ").Append(Flow(field, item));
            }
            else
            {
                yaml.Append(' ').Append(Value(field, value));
            }

            yaml.Append('\n');
        }
    }

    private static IEnumerable<(FieldDescriptor Field, object Value)> Fields(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            var value = field.Accessor.GetValue(message);
            var present = value switch
            {
                null => false,
                ICollection collection => collection.Count > 0,
                IMessage => true,
                string text => text.Length > 0,
                bool yes => yes,
                _ => Convert.ToDouble(value, CultureInfo.InvariantCulture) != 0,
            };
            if (present)
                yield return (field, value!);
        }
    }

    private static string Value(FieldDescriptor field, object value)
    {
        if (field.IsMap)
        {
            var (key, item) = (field.MessageType.Fields[1], field.MessageType.Fields[2]);
            var map = (IDictionary)value;
            var entries = map.Keys.Cast<object>()
                .Select(name => (Key: Flow(key, name), Value: Flow(item, map[name]!)))
                .OrderBy(entry => entry.Key, StringComparer.Ordinal);
            return "{" + string.Join(", ", entries.Select(entry => $"{entry.Key}: {entry.Value}")) + "}";
        }

        return field.IsRepeated
            ? "[" + string.Join(", ", ((IEnumerable)value).Cast<object>().Select(item => Flow(field, item))) + "]"
            : Flow(field, value);
    }

    private static string Flow(FieldDescriptor field, object value) => value switch
    {
        string text => Text(text),
        bool yes => yes ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IMessage message when message.Descriptor.File.Package == "google.protobuf" => Text(JsonFormatter.Default.Format(message).Trim('"')),
        IMessage message => "{" + string.Join(", ", Fields(message).Select(f => $"{f.Field.JsonName}: {Value(f.Field, f.Value)}")) + "}",
        _ when field.FieldType == FieldType.Enum => field.EnumType.FindValueByNumber((int)value).Name,
        _ => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
    };

    /// <summary>Plain where every reader of YAML, 1.1 too, takes it for a string; else quoted as in JSON.</summary>
    private static string Text(string text) =>
        Plain().IsMatch(text) && !TakenForAnotherType().IsMatch(text) ? text : System.Text.Json.JsonSerializer.Serialize(text, Relaxed);

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // A word that starts with a letter; or digits in three or more parts (versions, addresses); or a duration in seconds.
    [GeneratedRegex(@"^(\p{L}[\p{L}\p{Nd}_./-]*|\d+\.\d+\.\d+(\.\d+)*|\d+s)$")]
    private static partial Regex Plain();

    [GeneratedRegex("^(y|n|yes|no|on|off|true|false|null)$", RegexOptions.IgnoreCase)]
    private static partial Regex TakenForAnotherType();
}
