namespace Notify.Core.Journal;

/// <summary>A revision of a store, with the space that it counts in: of another incarnation of the store it says nothing.</summary>
/// <param name="Space">The store's space.</param>
/// <param name="Revision">The revision, for instance that of a commit.</param>
public readonly record struct StoreRevision(Space Space, long Revision);
