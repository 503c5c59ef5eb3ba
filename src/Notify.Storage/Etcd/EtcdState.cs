using Notify.Core.Types;

namespace Notify.Storage.Etcd;

/// <summary>Some objects as they were at one revision.</summary>
/// <param name="Revision">etcd's revision then.</param>
/// <param name="Head">Revision of the last commit then.</param>
/// <param name="IncarnationModRevision">Mod revision of the incarnation's key.</param>
internal sealed record EtcdState(long Revision, long Head, long IncarnationModRevision)
{
    private readonly Dictionary<ObjectId, (long ModRevision, Envelope? Envelope)> _objects = [];

    /// <summary>
    /// The version of an object's key, 0 where it has none, and the object in it. A key whose value is nothing that we wrote has a
    /// version and no object.
    /// </summary>
    public (long ModRevision, Envelope? Envelope) this[ObjectId id]
    {
        get => _objects.GetValueOrDefault(id);
        set => _objects[id] = value;
    }
}
