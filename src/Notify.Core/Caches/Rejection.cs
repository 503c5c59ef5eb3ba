using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>A version of an object that a handler of this node refused.</summary>
/// <param name="Id">The object.</param>
/// <param name="Revision">The version; 0 for a removal.</param>
/// <param name="Reason">The handler's words.</param>
public sealed record Rejection(ObjectId Id, long Revision, string Reason);
