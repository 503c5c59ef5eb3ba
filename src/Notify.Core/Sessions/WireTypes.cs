using System.Collections.Immutable;
using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Core.Sync;
using Notify.Core.Types;
using Envelope = Notify.Core.Types.Envelope;
using KeyField = Notify.Core.Types.KeyField;
using KeyFieldKind = Notify.Core.Types.KeyFieldKind;
using Selector = Notify.Core.Sync.Selector;
using Space = Notify.Core.Journal.Space;
using Stamp = Notify.Core.Types.Stamp;
using TypeDeclaration = Notify.Core.Types.TypeDeclaration;
using TypeKind = Notify.Core.Types.TypeKind;

namespace Notify.Core.Sessions;

/// <summary>Translates between the engine's words and link.proto's messages. Reading throws <see cref="FormatException"/>.</summary>
internal static class WireTypes
{
    public static Protocol.Space ToWire(SpaceKind kind, Space space) =>
        new() { Kind = kind, Id = space.Id, Incarnation = space.Incarnation };

    public static Space? FromWire(Protocol.Space? space) => space is null ? null : new(space.Id, space.Incarnation);

    /// <summary>Everything of an upsert but its value, with the type numbers of this process.</summary>
    public static byte[] EncodeHeader(Envelope envelope, TypeTable types)
    {
        var change = new Change
        {
            Type = (uint)types.Find(envelope.Id.Type)!.Number,
            Key = envelope.Id.Key,
            Revision = envelope.Revision,
            Stamp = ToWire(envelope.Stamp),
        };
        change.Scopes.Add(envelope.Scopes.Select(scope => scope.Key));
        change.References.Add(envelope.References.Select(reference => types.Find(reference.Type) is { } type
            ? new Protocol.Reference { Type = (uint)type.Number, Key = reference.Key }
            : new Protocol.Reference { TypeName = reference.Type, Key = reference.Key }));
        return change.ToByteArray();
    }

    public static byte[] EncodeRemoval(in OutgoingChange removal, TypeTable types) => new Change
    {
        Type = (uint)types.Find(removal.Id.Type)!.Number,
        Key = removal.Id.Key,
        Revision = removal.Revision,
        Removed = removal.Reason,
        Stamp = ToWire(removal.Stamp),
    }.ToByteArray();

    public static Protocol.TypeDeclaration ToWire(CacheType type)
    {
        var declaration = type.Declaration;
        var wire = new Protocol.TypeDeclaration
        {
            Number = (uint)type.Number,
            Name = declaration.Name,
            Kind = (Protocol.TypeKind)((int)declaration.Kind + 1),
            ScopeType = declaration.ScopeType ?? "",
            Filtered = declaration.Filtered,
            Kept = !declaration.Flush,
        };
        wire.KeyFields.Add(ToWire(declaration.KeyLayout));
        wire.RefersTo.Add(declaration.RefersTo);
        return wire;
    }

    public static TypeDeclaration FromWire(Protocol.TypeDeclaration wire)
    {
        if (wire.Number == 0 || wire.Name.Length == 0 || wire.Kind is < Protocol.TypeKind.Stored or > Protocol.TypeKind.Shared)
        {
            throw new FormatException($"The declaration of type '{wire.Name}' lacks its number, name or kind.");
        }

        return new(wire.Name, (TypeKind)((int)wire.Kind - 1), FromWire(wire.KeyFields, depth: 0))
        {
            ScopeType = wire.ScopeType.Length == 0 ? null : wire.ScopeType,
            Filtered = wire.Filtered,
            RefersTo = [.. wire.RefersTo],
            Flush = !wire.Kept,
        };
    }

    public static InterestItem ToWire(uint number, string type, Selector selector)
    {
        var wire = new Protocol.Selector();
        switch (selector.Kind)
        {
            case SelectorKind.All:
                wire.All = true;
                break;
            case SelectorKind.Scope:
                wire.Scope = new ScopeKey { Type = selector.Scope.Type, Key = selector.Scope.Key };
                break;
            case SelectorKind.Referred:
                wire.Referred = true;
                break;
            case SelectorKind.Key:
                wire.Key = selector.Key;
                break;
            default:
                wire.Named = selector.Key;
                break;
        }

        return new InterestItem { Number = number, Type = type, Selector = wire };
    }

    /// <summary>Reads an interest item. A selector this version does not know becomes a named one, which nobody serves.</summary>
    public static SenderItem FromWire(InterestItem item)
    {
        if (item.Number == 0 || item.Type.Length == 0)
        {
            throw new FormatException("An interest item lacks its number or type.");
        }

        var selector = item.Selector?.KindCase switch
        {
            Protocol.Selector.KindOneofCase.All => Selector.All,
            Protocol.Selector.KindOneofCase.Scope => Selector.In(new Scope(item.Selector.Scope.Type, item.Selector.Scope.Key)),
            Protocol.Selector.KindOneofCase.Referred => Selector.Referred,
            Protocol.Selector.KindOneofCase.Key => Selector.Of(item.Selector.Key),
            Protocol.Selector.KindOneofCase.Named => Selector.Called(item.Selector.Named),
            _ => Selector.Called(ByteString.Empty),
        };
        return new SenderItem(item.Number, item.Type, selector);
    }

    public static Stamp FromWire(Protocol.Stamp stamp) => new(stamp.Node, stamp.Attachment, stamp.Revision);

    public static Protocol.Stamp? ToWire(Stamp? stamp) =>
        stamp is { } value ? new() { Node = value.Node, Attachment = value.Attachment, Revision = value.Revision } : null;

    private static IEnumerable<Protocol.KeyField> ToWire(KeyLayout layout) => layout.Fields.Select(field =>
    {
        var wire = new Protocol.KeyField
        {
            Number = field.Number,
            Kind = (Protocol.KeyFieldKind)field.Kind,
            Repeated = field.Repeated,
            Presence = field.Presence,
        };
        wire.Fields.Add(field.Layout is null ? [] : ToWire(field.Layout));
        return wire;
    });

    private static KeyLayout FromWire(IEnumerable<Protocol.KeyField> fields, int depth)
    {
        if (depth > 16)
        {
            throw new FormatException("A key layout is nested too deeply.");
        }

        var read = ImmutableArray.CreateBuilder<KeyField>();
        foreach (var field in fields)
        {
            if (field.Number <= 0 || read.Any(other => other.Number == field.Number))
            {
                throw new FormatException("A key layout repeats a field or lacks its number.");
            }

            var kind = (KeyFieldKind)field.Kind;
            var layout = kind is KeyFieldKind.Message or KeyFieldKind.Map ? FromWire(field.Fields, depth + 1) : null;
            read.Add(new KeyField(field.Number, kind, field.Repeated, layout, field.Presence));
        }

        return new KeyLayout(read);
    }
}
