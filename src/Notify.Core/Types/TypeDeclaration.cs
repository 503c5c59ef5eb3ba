using System.Collections.Immutable;

namespace Notify.Core.Types;

/// <summary>
/// What a node tells another about a cache type, and all that a hub needs to mirror the type without having its generated code.
/// </summary>
/// <param name="Name">Full name of the protobuf message.</param>
/// <param name="Kind">Where its objects live.</param>
/// <param name="KeyLayout">The shape of the key message, to check canonical keys.</param>
public sealed record TypeDeclaration(string Name, TypeKind Kind, KeyLayout KeyLayout)
{
    /// <summary>Full name of the message that filters objects of this type, or null where the type has no scope.</summary>
    public string? ScopeType { get; init; }

    /// <summary>Objects are filtered by scope, so an object without a scope comes by reference only.</summary>
    public bool Filtered { get; init; }

    /// <summary>Full names of the types that objects of this type refer to.</summary>
    public ImmutableArray<string> RefersTo { get; init; } = [];

    /// <summary>Objects go when the session that carries them ends. Default is true; meaningless for stored types.</summary>
    public bool Flush { get; init; } = true;

    /// <summary>
    /// This declaration with the types that <paramref name="other"/> refers to as well; the same instance where that adds nothing.
    /// </summary>
    /// <exception cref="TypeConflictException">The other has another kind, scope or key.</exception>
    public TypeDeclaration Union(TypeDeclaration other)
    {
        var problem = ConflictWith(other, "here", "at the peer");
        if (problem is not null)
        {
            throw new TypeConflictException(Name, problem + "; deploy nodes with the same proto files.");
        }

        return other.RefersTo.All(RefersTo.Contains)
            ? this
            : this with { RefersTo = [.. RefersTo.Union(other.RefersTo, StringComparer.Ordinal)] };
    }

    /// <summary>
    /// Why this declaration and <paramref name="other"/> cannot be of one type, as the rest of a sentence about the type; null where they can.
    /// </summary>
    /// <param name="other">Another declaration of the type.</param>
    /// <param name="here">Where this one is from, for people.</param>
    /// <param name="there">Where the other one is from.</param>
    internal string? ConflictWith(TypeDeclaration other, string here, string there) =>
        Kind != other.Kind ? $"is {Kind} {here} and {other.Kind} {there}"
        : ScopeType != other.ScopeType ? $"has {Scoped(ScopeType)} {here} and {Scoped(other.ScopeType)} {there}"
        : !KeyLayout.Equals(other.KeyLayout) ? $"has another key message {here} than {there}"
        : null;

    private static string Scoped(string? type) => type is null ? "no scope" : $"scope type '{type}'";
}
