using System.Collections.Immutable;
using Google.Protobuf;
using Notify.Core.Journal;
using Notify.Core.Sessions;

namespace Notify.Core.Types;

/// <summary>
/// The unit of storage and wire: one version of an object with all that a hub needs to route it, computed where the schema is known and
/// never derived again. Immutable.
/// </summary>
/// <param name="Id">Type and canonical key.</param>
/// <param name="Value">The encoded message, exactly as its writer encoded it; unknown fields survive.</param>
public sealed record Envelope(ObjectId Id, ByteString Value)
{
    private object? _decoded;
    private byte[]? _header;

    // A copy differs from its original, so what was derived from the original stays behind.
    private Envelope(Envelope original)
    {
        (Id, Value) = (original.Id, original.Value);
        (Scopes, References) = (original.Scopes, original.References);
        (Revision, Stamp) = (original.Revision, original.Stamp);
        Origin = original.Origin;
    }

    /// <summary>The filter keys of this object; empty where it has none.</summary>
    public ImmutableArray<Scope> Scopes { get; init; } = [];

    /// <summary>The objects this one refers to; they come first in every bundle.</summary>
    public ImmutableArray<ObjectId> References { get; init; } = [];

    /// <summary>Revision of this version in its space; 0 while it has none.</summary>
    public long Revision { get; init; }

    /// <summary>Owner's stamp; null for stored objects.</summary>
    public Stamp? Stamp { get; init; }

    /// <summary>Bytes of key and value.</summary>
    internal int Size => Id.Key.Length + Value.Length;

    /// <summary>Where this node got the version from. Not part of the object: it differs from node to node.</summary>
    internal Origin Origin { get; init; } = Origin.Local;

    /// <summary>True when key, scopes, references and value bytes agree; revision and stamp do not matter.</summary>
    public bool SameContent(Envelope other) =>
        Id == other.Id
        && Value.Equals(other.Value)
        && Scopes.AsSpan().SequenceEqual(other.Scopes.AsSpan())
        && References.AsSpan().SequenceEqual(other.References.AsSpan());

    /// <summary>Content, revision and stamp.</summary>
    public bool Equals(Envelope? other) => other is not null && SameContent(other) && Revision == other.Revision && Stamp == other.Stamp;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Revision);

    /// <summary>
    /// The message, decoded at first use and then shared by all readers. Two threads may decode at once; one result wins.
    /// </summary>
    internal TMessage Decode<TMessage>(Func<ByteString, TMessage> parse)
        where TMessage : class
    {
        if (Volatile.Read(ref _decoded) is TMessage message)
        {
            return message;
        }

        var decoded = parse(Value);
        return Interlocked.CompareExchange(ref _decoded, decoded, null) as TMessage ?? decoded;
    }

    /// <summary>
    /// The wire form of everything but the value, with the type numbers of <paramref name="types"/>, encoded once for all sessions. An
    /// envelope belongs to one node, so there is one such table.
    /// </summary>
    internal byte[] WireHeader(TypeTable types)
    {
        var header = Volatile.Read(ref _header);
        if (header is null)
        {
            header = WireTypes.EncodeHeader(this, types);
            Volatile.Write(ref _header, header);
        }

        return header;
    }
}
