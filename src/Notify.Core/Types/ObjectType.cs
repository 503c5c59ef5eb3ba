using Google.Protobuf;

namespace Notify.Core.Types;

/// <summary>
/// A cache type at the typed edge of the tree: what the middle needs to know about it, and how to compute an object's envelope. The
/// generator writes one subclass per annotated message; instances are immutable and thread safe.
/// </summary>
public abstract class ObjectType
{
    private protected ObjectType(TypeDeclaration declaration) => Declaration = declaration;

    /// <summary>What other nodes are told about the type.</summary>
    public TypeDeclaration Declaration { get; }

    /// <summary>Full name of the message.</summary>
    public string Name => Declaration.Name;

    /// <summary>The largest object of this type in bytes, or null where the store's limit alone counts.</summary>
    public int? ObjectBytesMax { get; init; }

    /// <summary>Every object sent or received is logged.</summary>
    public bool LogsTraffic { get; init; }

    /// <summary>Computes the envelope of an encoded object: parses it, then as <see cref="Describe"/>.</summary>
    /// <exception cref="InvalidObjectException">The bytes are no such message, or a field of it is wrong.</exception>
    public abstract Envelope Read(ByteString value);

    /// <summary>Computes key, scopes and references of an object.</summary>
    /// <exception cref="InvalidObjectException">The object has no key or another field is wrong.</exception>
    /// <exception cref="ArgumentException">The message is not of this type.</exception>
    public abstract Envelope Describe(IMessage message);

    /// <summary>The decoded message of an envelope, shared by all readers and therefore not to be changed.</summary>
    public abstract IMessage Decode(Envelope envelope);

    /// <summary>Parses a key from its canonical bytes.</summary>
    public abstract IMessage DecodeKey(ByteString key);
}
