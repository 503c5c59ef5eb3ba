using System.Text.Json.Nodes;
using Google.Protobuf;
using Notify.Ctl.Input;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;
using Notify.Ctl.Types;

namespace Notify.Ctl.CommandLine;

/// <summary>What a running command works with.</summary>
/// <param name="Connection">The node it talks to; made when a command first asks for it.</param>
/// <param name="Types">The types it knows.</param>
/// <param name="Format">How it prints.</param>
/// <param name="Out">For what was asked for.</param>
/// <param name="Error">For everything else.</param>
/// <param name="In">Standard input.</param>
internal sealed record CommandContext(
    Lazy<NodeConnection> Connection, KnownTypes Types, OutputFormat Format, Terminal Out, Terminal Error, TextReader In)
{
    public NodeConnection Node => Connection.Value;

    public InputFiles Files => new(Types, In);

    public ObjectText Text => new(Types.Registry);

    /// <summary>Somebody is there to be asked.</summary>
    public required bool CanAsk { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>A canonical key as a value of JSON or YAML: the key message; hexadecimal for a type that is not known.</summary>
    public JsonNode KeyToJson(KnownType? type, ByteString key, bool plainNumbers)
    {
        if (type is null)
            return Convert.ToHexString(key.Span);
        return type.IsSingular ? new JsonObject() : Text.ToJson(type.Compiled.DecodeKey(key), plainNumbers);
    }

    /// <summary>Prints a text of any number of lines, and ends the last one.</summary>
    public void WriteText(string text)
    {
        Out.Writer.Write(text);
        if (text.Length > 0 && !text.EndsWith('\n'))
            Out.Line();
    }

    /// <summary>Prints a value that is no object, as YAML or JSON.</summary>
    public void WriteValue(JsonNode value)
    {
        if (Format == OutputFormat.Yaml)
            new YamlWriter(Out.Writer).Write(value);
        else
            Out.Line(ObjectText.ToText(value, indented: true));
    }
}
