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
    }

    public CompiledObjectType Compiled { get; }

    /// <summary>Higher than that of every type referred to.</summary>
    public int Rank { get; }

    public MessageDescriptor Descriptor { get; }

    public KeyText Key { get; }

    public string Name => Compiled.Name;

    public string ShortName => Shorten(Name);

    /// <summary>Objects belong to the nodes that send them.</summary>
    public bool IsDynamic => Compiled.Declaration.Kind == TypeKind.Dynamic;

    /// <summary>Objects can be written by anybody.</summary>
    public bool IsStored => Compiled.Declaration.Kind == TypeKind.Stored;

    /// <summary>There is one object, and its key is empty.</summary>
    public bool IsSingular => Compiled.Declaration.KeyLayout.Fields.IsEmpty;

    public static string Shorten(string name) => name.StartsWith(ShortPackage, StringComparison.Ordinal) ? name[ShortPackage.Length..] : name;

    /// <summary>Type and key, for people.</summary>
    public string NameOf(ByteString key) => IsSingular ? ShortName : $"{ShortName} {KeyOf(key)}";

    /// <summary>A canonical key as it is written on the command line.</summary>
    public string KeyOf(ByteString key) => IsSingular ? "-" : Key.Format(Compiled.DecodeKey(key));

    /// <summary>An object in the form that nodes take.</summary>
    public static Any Pack(Envelope envelope) => new() { TypeUrl = "type.googleapis.com/" + envelope.Id.Type, Value = envelope.Value };
}
