using Google.Protobuf;
using Notify.Core.Journal;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>
/// One consistent view over all types of a mirror: within each space, all epochs up to its revision and nothing of later ones. Immutable
/// and thread safe; it costs nothing to take and to hold, but keeps replaced versions alive.
/// </summary>
public sealed class MirrorSnapshot
{
    private readonly TypeTable _types;

    internal MirrorSnapshot(long number, TypeTable types, SpaceSnapshot stored, SpaceSnapshot dynamic) =>
        (Number, _types, Stored, Dynamic) = (number, types, stored, dynamic);

    /// <summary>Rises with each commit to the mirror; means nothing on another node.</summary>
    public long Number { get; }

    /// <summary>The store's revision up to which this node has everything it is interested in; 0 before the first sync.</summary>
    public long StoredRevision => Stored.Revision;

    /// <summary>This node's own counter over its dynamic objects; means nothing on another node.</summary>
    public long DynamicRevision => Dynamic.Revision;

    /// <summary>The store that stored objects come from, or null before the first sync.</summary>
    public Space? StoredSpace => Stored.Space;

    /// <summary>This node's dynamic space.</summary>
    public Space? DynamicSpace => Dynamic.Space;

    internal SpaceSnapshot Stored { get; }

    internal SpaceSnapshot Dynamic { get; }

    /// <summary>The version of an object, or null where this view has none.</summary>
    public Envelope? Find(ObjectId id) => Tables(id.Type).ByKey.Find(id.Key);

    /// <summary>All objects of a type in key order, from a key on where one is given.</summary>
    public IEnumerable<Envelope> List(string type, ByteString? fromKey = null) =>
        Tables(type).ByKey.From(fromKey).Select(row => row.Value);

    /// <summary>The objects of a type that carry a scope, in key order.</summary>
    public IEnumerable<Envelope> ListInScope(string type, ByteString scopeKey) => Tables(type).InScope(scopeKey);

    /// <summary>How many objects of a type there are.</summary>
    public int Count(string type) => Tables(type).ByKey.Count;

    internal TypeTables Tables(string type) =>
        _types.Find(type) is { IsDynamic: true } ? Dynamic.Table(type) : Stored.Table(type);
}
