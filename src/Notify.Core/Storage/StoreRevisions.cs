namespace Notify.Core.Storage;

/// <summary>What a store can be asked for at one moment.</summary>
/// <param name="Oldest">The oldest revision that a snapshot can show and a watch can follow; 0 in a store that was never compacted.</param>
/// <param name="Head">The newest revision; 0 in an empty store.</param>
public readonly record struct StoreRevisions(long Oldest, long Head);
