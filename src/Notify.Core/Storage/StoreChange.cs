using Notify.Core.Types;

namespace Notify.Core.Storage;

/// <summary>One object's part of a transaction or of an epoch: a new version, or a delete. Immutable.</summary>
public sealed record StoreChange
{
    private StoreChange(ObjectId id, Envelope? envelope) => (Id, Envelope) = (id, envelope);

    /// <summary>The object.</summary>
    public ObjectId Id { get; }

    /// <summary>The new version, or null for a delete. Its revision is the epoch's; in a transaction it has no meaning.</summary>
    public Envelope? Envelope { get; }

    /// <summary>Creates or replaces an object.</summary>
    public static StoreChange Put(Envelope envelope) => new(envelope.Id, envelope);

    /// <summary>Deletes an object.</summary>
    public static StoreChange Delete(ObjectId id) => new(id, null);
}
