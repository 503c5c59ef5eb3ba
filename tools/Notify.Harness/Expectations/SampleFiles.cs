using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Notify.Harness.Expectations;

/// <summary>An object of a sample file: the name of its type as written there, and its fields.</summary>
internal sealed record SampleObject(string Type, JsonObject Fields);

/// <summary>Reads sample files, whose format samples/README.md describes, knowing nothing of the types in them.</summary>
internal static class SampleFiles
{
    /// <summary>The objects of a file, or of a folder's *.yaml and *.json files in the order of their names.</summary>
    /// <exception cref="FormatException">A document is not of the format; the message has file, line and column.</exception>
    public static IEnumerable<SampleObject> Read(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path).Where(IsSample).OrderBy(f => f, StringComparer.Ordinal).SelectMany(ReadFile)
        : ReadFile(path);

    private static bool IsSample(string path) => Path.GetExtension(path) is ".yaml" or ".json";

    // JSON is YAML 1.2, so one parser reads both.
    private static IEnumerable<SampleObject> ReadFile(string path)
    {
        using var reader = File.OpenText(path);
        YamlStream stream = [];
        try
        {
            stream.Load(reader);
        }
        catch (YamlException e)
        {
            throw new FormatException($"{path}({e.Start.Line},{e.Start.Column}): {e.Message}", e);
        }

        var roots = stream.Documents.Select(d => d.RootNode);
        return [.. roots.SelectMany(root => root is YamlSequenceNode list ? list.Children : [root]).Select(node => ReadObject(path, node))];
    }

    private static SampleObject ReadObject(string path, YamlNode node) =>
        ToJson(node) is JsonObject { Count: 2 } document && document["type"] is JsonValue type && document["object"] is JsonObject fields
            ? new(type.ToString(), (JsonObject)fields.DeepClone())
            : throw new FormatException($"{path}({node.Start.Line},{node.Start.Column}): expected 'type' and 'object', and nothing else");

    private static JsonNode? ToJson(YamlNode node, bool isMap = false) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c =>
        {
            var name = isMap ? c.Key.ToString() : JsonName(c.Key.ToString());
            return KeyValuePair.Create(name, ToJson(c.Value, !isMap && CanonicalJson.MapFields.Contains(name)));
        })),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(item => ToJson(item))]),
        YamlScalarNode { Style: not ScalarStyle.Plain } quoted => JsonValue.Create(quoted.Value),
        YamlScalarNode plain => Plain(plain.Value ?? ""),
        _ => throw new FormatException($"({node.Start.Line},{node.Start.Column}): aliases are not part of the format"),
    };

    /// <summary>The name in the JSON mapping of a field that may be written by its name in the proto file.</summary>
    private static string JsonName(string name)
    {
        var words = name.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(w => w.Length == 0 ? "" : char.ToUpperInvariant(w[0]) + w[1..]));
    }

    /// <summary>The core schema of YAML 1.2, without octal and hexadecimal numbers.</summary>
    private static JsonValue? Plain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        _ when double.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}
