using Google.Protobuf;
using Notify.Core.Types;

namespace Notify.Core.Sync;

/// <summary>Which objects of a type a node asks for. Immutable, compared by value.</summary>
public readonly record struct Selector : IComparable<Selector>
{
    private Selector(SelectorKind kind, Scope scope, ByteString key) => (Kind, Scope, Key) = (kind, scope, key);

    /// <summary>Every object of the type.</summary>
    public static Selector All { get; } = new(SelectorKind.All, NoScope, ByteString.Empty);

    /// <summary>What objects in the interest's scopes refer to and that has no scope of its own.</summary>
    public static Selector Referred { get; } = new(SelectorKind.Referred, NoScope, ByteString.Empty);

    /// <summary>How objects are chosen.</summary>
    public SelectorKind Kind { get; }

    /// <summary>The scope; meaningful for <see cref="SelectorKind.Scope"/>.</summary>
    public Scope Scope { get; }

    /// <summary>The canonical key, or the name; meaningful for <see cref="SelectorKind.Key"/> and <see cref="SelectorKind.Named"/>.</summary>
    public ByteString Key { get; }

    private static Scope NoScope => new("", ByteString.Empty);

    /// <summary>Objects that carry the scope.</summary>
    public static Selector In(Scope scope) => new(SelectorKind.Scope, scope, ByteString.Empty);

    /// <summary>The one object with the canonical key.</summary>
    public static Selector Of(ByteString key) => new(SelectorKind.Key, NoScope, key);

    /// <summary>A name that only later layers know.</summary>
    public static Selector Called(ByteString name) => new(SelectorKind.Named, NoScope, name);

    /// <summary>Orders by kind, scope and key, so that what is made of a set of selectors does not depend on how it hashes.</summary>
    public int CompareTo(Selector other) =>
        Kind != other.Kind ? Kind.CompareTo(other.Kind)
        : Scope.CompareTo(other.Scope) is var byScope && byScope != 0 ? byScope
        : BytesOrder.Instance.Compare(Key, other.Key);

#pragma warning disable CS1591 // The operators say what CompareTo says.
    public static bool operator <(Selector left, Selector right) => left.CompareTo(right) < 0;

    public static bool operator >(Selector left, Selector right) => left.CompareTo(right) > 0;

    public static bool operator <=(Selector left, Selector right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Selector left, Selector right) => left.CompareTo(right) >= 0;
#pragma warning restore CS1591

    /// <summary>
    /// True when the selector may choose an object, as far as the object alone tells: whether something refers to it is not seen on it.
    /// </summary>
    internal bool CouldCover(Envelope envelope) => Kind switch
    {
        SelectorKind.All => true,
        SelectorKind.Scope => envelope.Scopes.Contains(Scope),
        SelectorKind.Referred => envelope.Scopes.IsEmpty,
        SelectorKind.Key => envelope.Id.Key.Equals(Key),
        _ => false,
    };
}
