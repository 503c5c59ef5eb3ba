using Google.Protobuf;

namespace Notify.Core.Types;

/// <summary>Names one object: the full name of its type and its key in canonical form.</summary>
/// <param name="Type">Full name of the cache type.</param>
/// <param name="Key">Canonical bytes of the key message.</param>
public readonly record struct ObjectId(string Type, ByteString Key) : IComparable<ObjectId>
{
    /// <summary>Orders by type name, then by key bytes.</summary>
    public int CompareTo(ObjectId other)
    {
        var byType = string.CompareOrdinal(Type, other.Type);
        return byType != 0 ? byType : BytesOrder.Instance.Compare(Key, other.Key);
    }

    /// <summary>Equality of names and key bytes.</summary>
    public bool Equals(ObjectId other) => Key.Equals(other.Key) && string.Equals(Type, other.Type, StringComparison.Ordinal);

    /// <summary>Hashes the key bytes only: keys of different types rarely agree, and names are long.</summary>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Key.Span);
        return hash.ToHashCode();
    }

    /// <summary>The type's name and the key in hexadecimal, for logs of nodes that cannot decode the key.</summary>
    public override string ToString() => $"{Type}/{Convert.ToHexString(Key.Span)}";

#pragma warning disable CS1591 // The operators say what CompareTo says.
    public static bool operator <(ObjectId left, ObjectId right) => left.CompareTo(right) < 0;

    public static bool operator >(ObjectId left, ObjectId right) => left.CompareTo(right) > 0;

    public static bool operator <=(ObjectId left, ObjectId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ObjectId left, ObjectId right) => left.CompareTo(right) >= 0;
#pragma warning restore CS1591
}
