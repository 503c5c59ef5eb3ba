using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Types;

namespace Notify.Ctl.Types;

/// <summary>A cache type that this program has the code of.</summary>
internal sealed class KnownType
{
    /// <summary>Types of this package go by their short names.</summary>
    public const string ShortPackage = "edge.v1.";

    public KnownType(CompiledObjectType compiled, int rank)
    {
        (Compiled, Rank, Descriptor) = (compiled, rank, compiled.Descriptor);
        Key = new KeyText(compiled.KeyDescriptor);
        Labels = Descriptor.Fields.InDeclarationOrder().FirstOrDefault(LabelsField.IsOne) is { } field ? new LabelsField(field) : null;
    }

    public CompiledObjectType Compiled { get; }

    /// <summary>Higher than that of every type referred to.</summary>
    public int Rank { get; }

    public MessageDescriptor Descriptor { get; }

    public KeyText Key { get; }

    /// <summary>The labels of its objects, or null where they have none.</summary>
    public LabelsField? Labels { get; }

    public string Name => Compiled.Name;

    public string ShortName => Shorten(Name);

    /// <summary>As in <c>appinsts</c>.</summary>
    public string Plural => TypeNames.Pluralize(ShortName);

    /// <summary>As in <c>ai</c>; null where there is none.</summary>
    public string? Abbreviation => TypeNames.Abbreviate(Name);

    /// <summary>What objects are filtered by: the full name of a message; null where they have no scope.</summary>
    public string? Scope => Compiled.Declaration.ScopeType;

    /// <summary>Objects belong to the nodes that send them.</summary>
    public bool IsDynamic => Compiled.Declaration.Kind == TypeKind.Dynamic;

    /// <summary>Objects can be written by anybody.</summary>
    public bool IsStored => Compiled.Declaration.Kind == TypeKind.Stored;

    /// <summary>There is one object, and its key is empty.</summary>
    public bool IsSingular => Compiled.Declaration.KeyLayout.Fields.IsEmpty;

    public static string Shorten(string name) => name.StartsWith(ShortPackage, StringComparison.Ordinal) ? name[ShortPackage.Length..] : name;

    /// <summary>The type of an object as it travels.</summary>
    public static string NameOfUrl(string typeUrl) => typeUrl[(typeUrl.LastIndexOf('/') + 1)..];

    /// <summary>Type and key, for people.</summary>
    public string NameOf(ByteString key) => IsSingular ? ShortName : $"{ShortName} {KeyOf(key)}";

    /// <summary>A canonical key as it is written on the command line.</summary>
    public string KeyOf(ByteString key) => IsSingular ? "-" : Key.Format(Compiled.DecodeKey(key));

    /// <summary>Whether somebody who writes this name on the command line means the type.</summary>
    public bool Answers(string name) => Array.Exists(
        [Name, ShortName, Plural, Abbreviation], known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>An object in the form that nodes take.</summary>
    public static Any Pack(Envelope envelope) => new() { TypeUrl = "type.googleapis.com/" + envelope.Id.Type, Value = envelope.Value };
}
