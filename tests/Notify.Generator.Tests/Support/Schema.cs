using System.Collections;
using Google.Protobuf;
using Notify.Core.Types;

namespace Notify.Generator.Tests.Support;

/// <summary>One version of a schema as a program has it: compiled, with what the generator wrote for it.</summary>
internal sealed class Schema
{
    public Schema(string text, string registration, params string[] code)
    {
        var project = new ProtoProject(("schema.proto", text));
        var all = project.Compile(code).GetType(registration, throwOnError: true)!.GetProperty("All")!.GetValue(null)!;
        Types = [.. ((IEnumerable)all).Cast<CompiledObjectType>()];
        Described = DescriptorObjectType.Load(project.Set);
    }

    public IReadOnlyList<CompiledObjectType> Types { get; }

    /// <summary>The same types as a node has them that got the descriptor set and no code.</summary>
    public IReadOnlyList<DescriptorObjectType> Described { get; }

    /// <summary>The type with that name at the end.</summary>
    public CompiledObjectType this[string name] => Types.Single(type => type.Name.EndsWith("." + name, StringComparison.Ordinal));

    /// <summary>A message in JSON.</summary>
    public IMessage Parse(string type, string json) => this[type].Descriptor.Parser.ParseJson(json);

    /// <summary>An object in JSON, as this version's code describes it.</summary>
    public Envelope Object(string type, string json) => this[type].Describe(Parse(type, json));

    /// <summary>What this version's code reads off an object, as JSON with the fields in the order of their numbers.</summary>
    public string Read(Envelope envelope) => this[envelope.Id.Type[(envelope.Id.Type.LastIndexOf('.') + 1)..]].Decode(envelope).ToString()!;
}
