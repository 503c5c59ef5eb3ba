using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>What became of one object between two views.</summary>
/// <param name="Id">The object.</param>
/// <param name="Old">Its version before, or null if it was not there.</param>
/// <param name="New">Its version after, or null if it is gone.</param>
public sealed record ObjectChange(ObjectId Id, Envelope? Old, Envelope? New);
