using Notify.Core.Protocol;
using Notify.Core.Types;
using Envelope = Notify.Core.Types.Envelope;
using Stamp = Notify.Core.Types.Stamp;

namespace Notify.Core.Sync;

/// <summary>One change of a bundle on its way out.</summary>
/// <param name="Id">The object.</param>
/// <param name="Envelope">The version, or null for a removal.</param>
/// <param name="Revision">Of a removal: when it happened.</param>
/// <param name="Reason">Of a removal: why.</param>
/// <param name="Stamp">Of a removal by a dynamic object's owner: the owner's stamp.</param>
internal readonly record struct OutgoingChange(ObjectId Id, Envelope? Envelope, long Revision, RemovalReason Reason, Stamp? Stamp)
{
    public static OutgoingChange Upsert(Envelope envelope) => new(envelope.Id, envelope, envelope.Revision, RemovalReason.None, null);
}
