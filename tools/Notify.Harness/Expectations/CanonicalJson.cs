using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Notify.Harness.Expectations;

/// <summary>
/// One text for all spellings of an object in proto3 JSON: members sorted by name (ordinal), defaults left out, shortest numbers, no
/// spaces. Names must be those of the JSON mapping (lower camel case). What the mapping leaves to the schema is in the two lists
/// below, written by hand, so that a mistake of the product's own schema code shows; a test compares them with the proto files.
/// </summary>
internal static class CanonicalJson
{
    /// <summary>Map fields: an entry counts even if its value is a default.</summary>
    public static IReadOnlySet<string> MapFields { get; } =
        new HashSet<string> { "resources", "environment", "properties", "annotations", "labels", "tags", "values" };

    /// <summary>Fields of 64-bit integers, which JSON writes as strings and people as numbers.</summary>
    public static IReadOnlySet<string> LongFields { get; } = new HashSet<string> { "ramMb", "diskGb", "generation" };

    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <exception cref="FormatException">A field of <see cref="LongFields"/> is no integer.</exception>
    public static string Write(JsonObject fields)
    {
        StringBuilder json = new();
        WriteObject(json, fields, isMap: false);
        return json.ToString();
    }

    private static void WriteObject(StringBuilder json, JsonObject fields, bool isMap)
    {
        json.Append('{');
        var first = true;
        foreach (var (name, value) in fields.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            // "@type" is the envelope of an Any, no field.
            if (!isMap && (IsDefault(name, value) || name == "@type"))
                continue;
            json.Append(first ? "" : ",").Append('"').Append(Encoder.Encode(name)).Append("\":");
            WriteValue(json, isMap ? "" : name, value);
            first = false;
        }

        json.Append('}');
    }

    private static void WriteValue(StringBuilder json, string name, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject fields:
                WriteObject(json, fields, MapFields.Contains(name));
                break;
            case JsonArray items:
                json.Append('[');
                for (var i = 0; i < items.Count; i++)
                {
                    json.Append(i == 0 ? "" : ",");
                    WriteValue(json, name, items[i]);
                }

                json.Append(']');
                break;
            case JsonValue scalar:
                json.Append(Scalar(name, scalar));
                break;
            default:
                json.Append("null");
                break;
        }
    }

    private static string Scalar(string name, JsonValue scalar) => scalar.GetValueKind() switch
    {
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ when LongFields.Contains(name) => decimal.Parse(scalar.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            .ToString(CultureInfo.InvariantCulture),
        // Every number of the model outside LongFields is a double or fits one.
        JsonValueKind.Number => double.Parse(scalar.ToJsonString(), CultureInfo.InvariantCulture)
            .ToString("R", CultureInfo.InvariantCulture),
        _ => $"\"{Encoder.Encode(scalar.ToString())}\"",
    };

    private static bool IsDefault(string name, JsonNode? value) => value switch
    {
        null => true,
        JsonArray items => items.Count == 0,
        // A message that is present but empty is not the same as an absent one; an empty map is.
        JsonObject fields => fields.Count == 0 && MapFields.Contains(name),
        JsonValue scalar => Scalar(name, scalar) is "false" or "0" or "-0" or "\"\"",
        _ => false,
    };
}
