using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Notify.Ctl.Types;

namespace Notify.Ctl.Output;

/// <summary>Messages as JSON values, and JSON values as text.</summary>
internal sealed class ObjectText(TypeRegistry registry)
{
    private static readonly JsonSerializerOptions Line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Line) { WriteIndented = true, NewLine = "\n" };

    private readonly JsonFormatter _formatter = new(JsonFormatter.Settings.Default.WithTypeRegistry(registry));

    /// <summary>The message in the proto3 JSON mapping.</summary>
    /// <param name="message">The message.</param>
    /// <param name="plainNumbers">
    /// Write integers of 64 bits as numbers, as YAML can; the mapping has them as texts, because readers of JSON round them.
    /// </param>
    public JsonObject ToJson(IMessage message, bool plainNumbers)
    {
        var json = JsonNode.Parse(_formatter.Format(message))!.AsObject(); // A message is an object of JSON.
        if (plainNumbers)
            Unquote(json, message.Descriptor);
        return json;
    }

    /// <summary>The object as <c>apply -f</c> reads it.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="message">The object.</param>
    /// <param name="revision">The revision that it is to be applied at; null for any.</param>
    /// <param name="plainNumbers">As of <see cref="ToJson"/>.</param>
    public JsonObject ToDocument(KnownType type, IMessage message, long? revision, bool plainNumbers)
    {
        JsonObject document = new() { ["type"] = type.ShortName };
        if (revision is not null)
            document["revision"] = revision;
        document["object"] = ToJson(message, plainNumbers);
        return document;
    }

    /// <summary>The object has fields, somewhere in it, that this program has no names for: its text would lack them.</summary>
    public static bool HasUnknownFields(KnownType type, ByteString value) =>
        type.Descriptor.Parser.WithDiscardUnknownFields(true).ParseFrom(value).CalculateSize() != type.Descriptor.Parser.ParseFrom(value).CalculateSize();

    public static string ToText(JsonNode? json, bool indented) => json?.ToJsonString(indented ? Indented : Line) ?? "null";

    private static void Unquote(JsonObject json, MessageDescriptor type)
    {
        if (type.File.Package == "google.protobuf")
            return;
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (!json.TryGetPropertyValue(field.JsonName, out var value) || value is null)
                continue;
            if (field.IsMap && value is JsonObject map)
            {
                var of = field.MessageType.FindFieldByNumber(2);
                foreach (var name in map.Select(entry => entry.Key).ToList())
                {
                    if (ToNumber(map[name], of) is { } number)
                        map[name] = number;
                }
            }
            else if (field.IsRepeated && value is JsonArray list)
            {
                for (var i = 0; i < list.Count; i++)
                {
                    if (ToNumber(list[i], field) is { } number)
                        list[i] = number;
                }
            }
            else if (ToNumber(value, field) is { } number)
            {
                json[field.JsonName] = number;
            }
        }
    }

    /// <summary>What is to stand instead of the value, or null for the value itself.</summary>
    private static JsonValue? ToNumber(JsonNode? value, FieldDescriptor field)
    {
        if (field.FieldType == FieldType.Message && value is JsonObject inner)
            Unquote(inner, field.MessageType);
        var isLong = field.FieldType is FieldType.Int64 or FieldType.UInt64 or FieldType.SInt64 or FieldType.Fixed64 or FieldType.SFixed64;
        return isLong && value is not null ? JsonValue.Create(decimal.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture)) : null;
    }
}
