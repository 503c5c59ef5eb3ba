using Google.Protobuf;

namespace Notify.Core.Types;

/// <summary>A filter key that objects carry and nodes are interested in; the CloudletKey in the edge model.</summary>
/// <param name="Type">Full name of the scope's key message.</param>
/// <param name="Key">Canonical bytes of the scope's key message.</param>
public readonly record struct Scope(string Type, ByteString Key)
{
    /// <summary>Equality of names and key bytes.</summary>
    public bool Equals(Scope other) => Key.Equals(other.Key) && string.Equals(Type, other.Type, StringComparison.Ordinal);

    /// <summary>Hashes the key bytes only.</summary>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Key.Span);
        return hash.ToHashCode();
    }
}
