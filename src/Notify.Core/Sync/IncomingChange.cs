using Notify.Core.Types;

namespace Notify.Core.Sync;

/// <summary>One change of a bundle as it came, kept aside until the bundle ends.</summary>
/// <param name="Id">The object.</param>
/// <param name="Envelope">The version, or null for a removal.</param>
/// <param name="Revision">Revision of the version or the removal in the sender's space.</param>
/// <param name="IsDeletion">Of a removal: the object was deleted, rather than merely gone from the receiver's view.</param>
/// <param name="Stamp">Of a removal by a dynamic object's owner: the owner's stamp.</param>
internal sealed record IncomingChange(ObjectId Id, Envelope? Envelope, long Revision, bool IsDeletion, Stamp? Stamp);
