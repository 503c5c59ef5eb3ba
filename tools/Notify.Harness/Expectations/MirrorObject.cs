using System.Text.Json.Nodes;

namespace Notify.Harness.Expectations;

/// <summary>An object in a form that can be compared, whoever wrote it down.</summary>
/// <param name="Type">Name of the type within its package, for example <c>AppInst</c>.</param>
/// <param name="Key">The key as canonical JSON; <c>{}</c> for a type that has one object only.</param>
/// <param name="Value">The whole object, key included, as canonical JSON.</param>
internal sealed record MirrorObject(string Type, string Key, string Value)
{
    /// <summary>Reads what a node answers.</summary>
    /// <param name="type">Name of the type, with or without its package and a type URL before it.</param>
    /// <param name="json">The object in proto3 JSON; that of an Any around it, with its <c>@type</c>, does as well.</param>
    /// <exception cref="System.Text.Json.JsonException">It is no JSON.</exception>
    public static MirrorObject FromJson(string type, string json) =>
        From(type, JsonNode.Parse(json) as JsonObject ?? throw new System.Text.Json.JsonException("An object was expected: " + json));

    /// <summary>As <see cref="FromJson"/>, from JSON that is parsed already.</summary>
    public static MirrorObject From(string type, JsonObject fields)
    {
        var shortName = type[(type.LastIndexOfAny(['.', '/']) + 1)..];
        return new(shortName, CanonicalJson.Write(fields["key"] as JsonObject ?? []), CanonicalJson.Write(fields));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Key}";
}
