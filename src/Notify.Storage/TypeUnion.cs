using System.Collections.Immutable;
using Notify.Core.Types;

namespace Notify.Storage;

/// <summary>What a store learns from declarations.</summary>
internal static class TypeUnion
{
    /// <summary>The types that are new, or refer to more than they did, as they are then.</summary>
    /// <exception cref="TypeConflictException">A type is known with another kind, scope or key.</exception>
    /// <exception cref="ArgumentException">A type is dynamic.</exception>
    public static IReadOnlyDictionary<string, TypeDeclaration> Learn(
        ImmutableArray<TypeDeclaration> declarations, IReadOnlyDictionary<string, TypeDeclaration> known)
    {
        if (declarations.FirstOrDefault(declaration => declaration.Kind == TypeKind.Dynamic) is { } dynamic)
        {
            throw new ArgumentException($"{dynamic.Name} is dynamic: its objects live with their nodes, not in a store.", nameof(declarations));
        }

        var learned = new Dictionary<string, TypeDeclaration>(StringComparer.Ordinal);
        foreach (var declaration in declarations)
        {
            var before = learned.GetValueOrDefault(declaration.Name) ?? known.GetValueOrDefault(declaration.Name);
            var union = before?.Union(declaration) ?? declaration;
            if (!ReferenceEquals(union, before))
            {
                learned[union.Name] = union;
            }
        }

        return learned;
    }
}
