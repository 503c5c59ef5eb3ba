using Google.Protobuf.WellKnownTypes;
using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Core.Types;
using Scope = Notify.Core.Types.Scope;
using Space = Notify.Core.Journal.Space;

namespace Notify.Server.Objects;

/// <summary>What the engine holds, as the object API shows it.</summary>
internal static class ObjectViews
{
    private const string UrlPrefix = "type.googleapis.com/";

    public static ObjectView ViewOf(Envelope envelope, MirrorSnapshot snapshot, bool links)
    {
        var view = new ObjectView
        {
            Value = new Any { TypeUrl = UrlPrefix + envelope.Id.Type, Value = envelope.Value },
            Key = envelope.Id.Key,
            Revision = envelope.Revision,
            Space = snapshot.IsDynamic(envelope) ? SpaceKind.Dynamic : SpaceKind.Stored,
        };
        if (envelope.Stamp is { } stamp)
        {
            view.Stamp = new() { Node = stamp.Node, Attachment = stamp.Attachment, Revision = stamp.Revision };
        }

        if (links)
        {
            view.Scopes.AddRange(envelope.Scopes.Select(scope => new ScopeKey { Type = scope.Type, Key = scope.Key }));
            view.References.AddRange(envelope.References.Select(NameOf));
        }

        return view;
    }

    public static ObjectName NameOf(ObjectId id) => new() { Type = id.Type, Key = id.Key };

    public static MirrorPosition PositionOf(MirrorSnapshot snapshot, Mirror mirror) => new()
    {
        StoredRevision = snapshot.StoredRevision,
        DynamicRevision = snapshot.DynamicRevision,
        StoredSpace = SpaceOf(snapshot.StoredSpace, SpaceKind.Stored),
        DynamicSpace = SpaceOf(snapshot.DynamicSpace, SpaceKind.Dynamic),
        Synced = mirror.IsStoreLoaded || (mirror.IsAnythingWanted && mirror.IsSynced),
    };

    public static Core.Protocol.Space? SpaceOf(Space? space, SpaceKind kind) =>
        space is null ? null : new() { Kind = kind, Id = space.Id, Incarnation = space.Incarnation };

    /// <summary>True when the object has the scope, or no scope is asked for.</summary>
    public static bool HasScope(Envelope envelope, Scope? scope) => scope is not { } wanted || envelope.Scopes.Contains(wanted);
}
