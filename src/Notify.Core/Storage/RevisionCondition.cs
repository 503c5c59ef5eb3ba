using Notify.Core.Types;

namespace Notify.Core.Storage;

/// <summary>Holds while the object's current version is exactly the named one.</summary>
/// <param name="Id">The object; it need not be one that the transaction changes.</param>
/// <param name="Revision">Revision of the version that must be current, or 0: the object must not exist.</param>
public readonly record struct RevisionCondition(ObjectId Id, long Revision)
{
    /// <summary>The object must not exist.</summary>
    public static RevisionCondition Absent(ObjectId id) => new(id, 0);
}
