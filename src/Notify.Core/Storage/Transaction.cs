using System.Collections.Immutable;

namespace Notify.Core.Storage;

/// <summary>Changes that are committed together, or not at all. At most one change per object. Immutable.</summary>
/// <param name="Changes">The changes; none is allowed, to check conditions only.</param>
public sealed record Transaction(ImmutableArray<StoreChange> Changes)
{
    /// <summary>What must hold for the transaction to be committed; checked against the state that the commit changes.</summary>
    public ImmutableArray<RevisionCondition> Conditions { get; init; } = [];
}
