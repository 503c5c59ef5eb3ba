namespace Notify.Core.Caches;

/// <summary>What became of one object, typed. Messages are shared with all readers: clone before changing one.</summary>
/// <typeparam name="TKey">The key message.</typeparam>
/// <typeparam name="TObject">The annotated message.</typeparam>
/// <param name="Key">The object's key.</param>
/// <param name="Old">Its version before, or null if it was not there.</param>
/// <param name="New">Its version after, or null if it is gone.</param>
/// <param name="After">The view after the change; related objects are there.</param>
public sealed record ObjectChange<TKey, TObject>(TKey Key, TObject? Old, TObject? New, MirrorSnapshot After)
    where TKey : class
    where TObject : class;
