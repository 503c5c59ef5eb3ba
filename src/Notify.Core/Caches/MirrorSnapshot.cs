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
    private readonly string? _owner;

    /// <summary>Creates a view.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="types">The types.</param>
    /// <param name="stored">What the store has.</param>
    /// <param name="dynamic">What nodes say.</param>
    /// <param name="owner">Name of this node, where it publishes shared objects: its own show as it has published them.</param>
    internal MirrorSnapshot(long number, TypeTable types, SpaceSnapshot stored, SpaceSnapshot dynamic, string? owner = null) =>
        (Number, _types, Stored, Dynamic, _owner) = (number, types, stored, dynamic, owner);

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
    public Envelope? Find(ObjectId id) => FindOwn(id) ?? Tables(id.Type).ByKey.Find(id.Key);

    /// <summary>All objects of a type in key order, from a key on where one is given.</summary>
    public IEnumerable<Envelope> List(string type, ByteString? fromKey = null)
    {
        var objects = Tables(type).ByKey.From(fromKey).Select(row => row.Value);
        return HasOwn(type) ? WithOwn(objects, Dynamic.Table(type).ByKey.From(fromKey).Select(row => row.Value)) : objects;
    }

    /// <summary>The objects of a type that carry a scope, in key order.</summary>
    public IEnumerable<Envelope> ListInScope(string type, ByteString scopeKey)
    {
        var objects = Tables(type).InScope(scopeKey);
        return HasOwn(type) ? WithOwn(objects, Dynamic.Table(type).InScope(scopeKey)) : objects;
    }

    /// <summary>How many objects of a type there are.</summary>
    public int Count(string type) => HasOwn(type) ? List(type).Count() : Tables(type).ByKey.Count;

    /// <summary>True for an object that this node owns and shows as it has published it, whatever the store has of it.</summary>
    internal bool IsOwn(Envelope envelope) => HasOwn(envelope.Id.Type) && envelope.Stamp is { } stamp && stamp.Node == _owner;

    /// <summary>True for a version of the dynamic space, with a revision of this node's own counter; false for one of the store's.</summary>
    internal bool IsDynamic(Envelope envelope) => _types.Find(envelope.Id.Type) is { IsDynamic: true } || IsOwn(envelope);

    private TypeTables Tables(string type) =>
        _types.Find(type) is { IsDynamic: true } ? Dynamic.Table(type) : Stored.Table(type);

    /// <summary>What this node has published of a shared type goes up, and does not come back.</summary>
    private bool HasOwn(string type) => _owner is not null && _types.Find(type) is { IsShared: true };

    private Envelope? FindOwn(ObjectId id) =>
        HasOwn(id.Type) && Dynamic.Table(id.Type).ByKey.Find(id.Key) is { } said && IsOwn(said) ? said : null;

    /// <summary>Merges by key. Of others' versions of keys that this node has published its own shows.</summary>
    private IEnumerable<Envelope> WithOwn(IEnumerable<Envelope> stored, IEnumerable<Envelope> said)
    {
        using var own = said.Where(IsOwn).GetEnumerator();
        var hasOwn = own.MoveNext();
        foreach (var envelope in stored)
        {
            while (hasOwn && BytesOrder.Instance.Compare(own.Current.Id.Key, envelope.Id.Key) < 0)
            {
                yield return own.Current;
                hasOwn = own.MoveNext();
            }

            if (FindOwn(envelope.Id) is null)
            {
                yield return envelope;
            }
        }

        while (hasOwn)
        {
            yield return own.Current;
            hasOwn = own.MoveNext();
        }
    }
}
