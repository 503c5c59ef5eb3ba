using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Core.Types;

/// <summary>
/// A cache type at the typed edge of the tree: what the middle needs to know about it, and how to compute an object's envelope from
/// its bytes. Known from generated code (<see cref="CompiledObjectType"/>) or from a descriptor set alone. Immutable and thread safe.
/// </summary>
public abstract class ObjectType
{
    private protected ObjectType(TypeDeclaration declaration) => Declaration = declaration;

    /// <summary>What other nodes are told about the type.</summary>
    public TypeDeclaration Declaration { get; }

    /// <summary>Full name of the message.</summary>
    public string Name => Declaration.Name;

    /// <summary>The message as its proto file describes it.</summary>
    public abstract MessageDescriptor Descriptor { get; }

    /// <summary>The largest object of this type in bytes, or null where the store's limit alone counts.</summary>
    public int? ObjectBytesMax { get; init; }

    /// <summary>Every object sent or received is logged.</summary>
    public bool LogsTraffic { get; init; }

    /// <summary><see cref="IsUpdate"/> has something to say.</summary>
    public bool HasUpdateHook { get; init; }

    /// <summary><see cref="OnReceived"/> does something.</summary>
    public bool HasReceiveHook { get; init; }

    /// <summary>Computes key, scopes and references of an encoded object; the envelope carries these bytes.</summary>
    /// <exception cref="InvalidObjectException">The bytes are no such message, it has no key, or another field of it is wrong.</exception>
    public abstract Envelope Read(ByteString value);

    /// <summary>The id of an encoded object alone, as <see cref="Read"/> computes it; null where only code that is not here can.</summary>
    /// <exception cref="InvalidObjectException">The bytes are no such message, or have no key.</exception>
    internal abstract ObjectId? ReadId(ByteString value);

    /// <summary>
    /// Decides whether a version that a node publishes over its last one is sent on. User code (<c>notify_custom_update</c>): call it outside
    /// of locks. The default is yes, and decodes nothing.
    /// </summary>
    public virtual bool IsUpdate(Envelope before, Envelope after) => true;

    /// <summary>
    /// Called for an object that arrived from another node, after its epoch was committed. User code (<c>notify_recv_hook</c>): call it
    /// outside of locks. The default does and decodes nothing.
    /// </summary>
    public virtual void OnReceived(Envelope received)
    {
    }
}
