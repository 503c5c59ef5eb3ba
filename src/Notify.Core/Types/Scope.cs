using Google.Protobuf;

namespace Notify.Core.Types;

/// <summary>A filter key that objects carry and nodes are interested in; the CloudletKey in the edge model.</summary>
/// <param name="Type">Full name of the scope's key message.</param>
/// <param name="Key">Canonical bytes of the scope's key message.</param>
public readonly record struct Scope(string Type, ByteString Key) : IComparable<Scope>
{
    /// <summary>Orders by type name, then by key bytes.</summary>
    public int CompareTo(Scope other)
    {
        var byType = string.CompareOrdinal(Type, other.Type);
        return byType != 0 ? byType : BytesOrder.Instance.Compare(Key, other.Key);
    }

    /// <summary>Equality of names and key bytes.</summary>
    public bool Equals(Scope other) => Key.Equals(other.Key) && string.Equals(Type, other.Type, StringComparison.Ordinal);

    /// <summary>Hashes the key bytes only.</summary>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Key.Span);
        return hash.ToHashCode();
    }

#pragma warning disable CS1591 // The operators say what CompareTo says.
    public static bool operator <(Scope left, Scope right) => left.CompareTo(right) < 0;

    public static bool operator >(Scope left, Scope right) => left.CompareTo(right) > 0;

    public static bool operator <=(Scope left, Scope right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Scope left, Scope right) => left.CompareTo(right) >= 0;
#pragma warning restore CS1591
}
