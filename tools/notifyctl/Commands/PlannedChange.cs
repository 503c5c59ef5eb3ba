using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Ctl.Input;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary>A change that a command is going to make.</summary>
/// <param name="Type">Type of the object.</param>
/// <param name="Key">Its canonical key.</param>
/// <param name="Put">The object as it is to be; null to delete it.</param>
/// <param name="Revision">The revision that it must be at; 0 for none yet, null for any.</param>
/// <param name="Place">Where the input says so; null where a node listed it.</param>
internal sealed record PlannedChange(KnownType Type, ByteString Key, Any? Put, long? Revision, Place? Place)
{
    /// <summary>Type and key, for people.</summary>
    public string Name => Type.NameOf(Key);

    public static PlannedChange ToPut(ObjectDocument document) =>
        new(document.Type, document.Envelope.Id.Key, KnownType.Pack(document.Envelope), document.Revision, document.Place);

    public static PlannedChange ToDelete(ObjectDocument document) =>
        new(document.Type, document.Envelope.Id.Key, Put: null, document.Revision, document.Place);

    /// <summary>Deletes exactly the version that was seen: one that somebody has changed since stays.</summary>
    public static PlannedChange ToDelete(KnownType type, ObjectView seen) => new(type, seen.Key, Put: null, seen.Revision, Place: null);

    public WriteChange ToChange()
    {
        var change = Put is null ? new WriteChange { Delete = new ObjectName { Type = Type.Name, Key = Key } } : new WriteChange { Put = Put };
        if (Revision is { } revision)
            change.ExpectedRevision = revision;
        return change;
    }
}
