using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Core.Types;

/// <summary>
/// A cache type whose generated message code this process has, so that its objects and keys can be messages. Everything but
/// <see cref="ObjectType{TKey,TObject}"/>, which the generator derives from, takes this form.
/// </summary>
public abstract class CompiledObjectType : ObjectType
{
    private protected CompiledObjectType(TypeDeclaration declaration)
        : base(declaration)
    {
    }

    /// <summary>The key message; <c>google.protobuf.Empty</c> for a type with one object.</summary>
    public abstract MessageDescriptor KeyDescriptor { get; }

    /// <summary>Computes key, scopes and references of an object and encodes it.</summary>
    /// <exception cref="InvalidObjectException">The object has no key or another field is wrong.</exception>
    /// <exception cref="ArgumentException">The message is not of this type.</exception>
    public abstract Envelope Describe(IMessage message);

    /// <summary>The decoded message of an envelope, shared by all readers and therefore not to be changed.</summary>
    public abstract IMessage Decode(Envelope envelope);

    /// <summary>Parses a key from its canonical bytes.</summary>
    public abstract IMessage DecodeKey(ByteString key);
}
