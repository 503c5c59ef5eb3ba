using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;

namespace Notify.Ctl.Input;

/// <summary>Writes a <see cref="DataNode"/> as JSON, for the parser of the protobuf library.</summary>
internal static class PlainJson
{
    public static string Write(DataNode node, MessageDescriptor type)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, node, type.Name is "Duration" or "Timestamp" or "FieldMask" or "StringValue" or "BytesValue");
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, DataNode node, bool plainIsText)
    {
        switch (node)
        {
            case DataMap map:
                json.WriteStartObject();
                foreach (var (name, value) in map.Entries)
                {
                    json.WritePropertyName(name.Text);
                    Write(json, value, plainIsText: false);
                }
                json.WriteEndObject();
                break;
            case DataList list:
                json.WriteStartArray();
                foreach (var item in list.Items)
                    Write(json, item, plainIsText: false);
                json.WriteEndArray();
                break;
            case DataScalar { IsNull: true }:
                json.WriteNullValue();
                break;
            case DataScalar { Kind: DataKind.Text } text:
                json.WriteStringValue(text.Text);
                break;
            case DataScalar scalar when !plainIsText && IsJson(scalar.Text):
                json.WriteRawValue(scalar.Text);
                break;
            case DataScalar scalar:
                json.WriteStringValue(scalar.Text);
                break;
        }
    }

    /// <summary>A number or a truth value.</summary>
    private static bool IsJson(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return parsed.RootElement.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
