using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Core.Storage.Sharing;
using Notify.Core.Types;
using Scope = Notify.Core.Types.Scope;
using TypeKind = Notify.Core.Types.TypeKind;

namespace Notify.Server.Objects;

/// <summary>Reads what requests name. Every complaint begins with the path of the field in the request.</summary>
internal sealed class ObjectRequests(TypeTable types)
{
    /// <summary>The id of a named object.</summary>
    public ObjectId ReadName(string field, ObjectName? name)
    {
        if (name is null)
        {
            throw ObjectErrors.Invalid(field, "is missing; name the object by type and key, or by an example.");
        }

        if (name.Like is { } like)
        {
            var (envelope, _) = Read(field + ".like", like);
            return envelope.Id;
        }

        var layout = FindType(field + ".type", name.Type).Declaration.KeyLayout;
        var key = Canonicalize(field + ".key", layout, name.Key);
        return key.IsEmpty && layout.Fields.Length > 0
            ? throw ObjectErrors.Invalid(field + ".key", "is empty; set at least one field of the key.")
            : new(name.Type, key);
    }

    /// <summary>The envelope of an object to store.</summary>
    public Envelope ReadPut(string field, Any? any)
    {
        var (envelope, type) = Read(field, any);
        CheckWritable(field, type);
        return type.ObjectType is { } known && envelope.Value.Length > known.ObjectBytesMax
            ? throw ObjectErrors.TooLarge(field, known, envelope.Value.Length)
            : envelope;
    }

    /// <summary>The id of an object to delete.</summary>
    public ObjectId ReadDelete(string field, ObjectName? name)
    {
        var id = ReadName(field, name);
        CheckWritable(field, FindType(field, id.Type));
        return id;
    }

    /// <summary>The types of a filter, or all, in reference order; those of unknown names are an error.</summary>
    public List<CacheType> ReadTypes(ObjectFilter? filter)
    {
        var named = filter is { Types_.Count: > 0 }
            ? filter.Types_.Distinct(StringComparer.Ordinal).Select((name, i) => FindType($"filter.types[{i}]", name))
            : types.All;
        return [.. named.OrderBy(type => type.Rank).ThenBy(type => type.Name, StringComparer.Ordinal)];
    }

    /// <summary>The scope of a filter, or null.</summary>
    public static Scope? ReadScope(ObjectFilter? filter) => filter?.Scope switch
    {
        null => null,
        { Type.Length: 0 } => throw ObjectErrors.Invalid("filter.scope.type", "is empty; give the full name of the scope's key message."),
        { } scope => new(scope.Type, scope.Key),
    };

    private static ByteString Canonicalize(string field, KeyLayout layout, ByteString key)
    {
        try
        {
            return layout.Canonicalize(key);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or FormatException)
        {
            throw ObjectErrors.Invalid(field, $"is not an encoded key of this type: {e.Message}", e);
        }
    }

    private (Envelope Envelope, CacheType Type) Read(string field, Any? any)
    {
        if (any is null)
        {
            throw ObjectErrors.Invalid(field, "is missing.");
        }

        var slash = any.TypeUrl.LastIndexOf('/');
        if (slash < 0)
        {
            throw ObjectErrors.Invalid(field + ".type_url", $"'{any.TypeUrl}' is not a type URL, for example type.googleapis.com/edge.v1.App.");
        }

        var type = FindType(field + ".type_url", any.TypeUrl[(slash + 1)..]);
        try
        {
            return ((type.ObjectType ?? throw ObjectErrors.NotCompiled(field, type.Name)).Read(any.Value), type);
        }
        catch (InvalidObjectException e)
        {
            throw ObjectErrors.Invalid(field, e.Message, e);
        }
    }

    private static void CheckWritable(string field, CacheType type)
    {
        if (type.Declaration.Kind != TypeKind.Stored)
        {
            throw ObjectErrors.NotStored(field, type);
        }

        if (Records.Has(type.Name))
        {
            throw ObjectErrors.OfControllers(field, type.Name);
        }
    }

    private CacheType FindType(string field, string name) => types.Find(name) ?? throw ObjectErrors.UnknownType(field, name, types);
}
