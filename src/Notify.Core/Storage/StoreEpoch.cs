using System.Collections.Immutable;
using Notify.Core.Types;

namespace Notify.Core.Storage;

/// <summary>One revision of a store as a watch yields it: whole, as it was committed. Immutable.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Changes">
/// What changed, at most one change per object, versions with this revision. May be empty: the store then only says that nothing else
/// happened up to <paramref name="Revision"/>.
/// </param>
public sealed record StoreEpoch(long Revision, ImmutableArray<StoreChange> Changes)
{
    /// <summary>Types that were declared, or learned of further types they refer to, at this revision; as they are since.</summary>
    public ImmutableArray<TypeDeclaration> Declarations { get; init; } = [];
}
