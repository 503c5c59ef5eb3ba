using Google.Protobuf;
using Notify.Core.Sessions;
using Notify.Core.Types;
using Notify.Storage.Etcd.Api;
using Notify.Storage.Etcd.Values;

namespace Notify.Storage.Etcd;

/// <summary>Translates between the store's words and the values of etcd's keys. Reading throws <see cref="FormatException"/>.</summary>
internal static class EtcdCodec
{
    public static ByteString Write(Envelope envelope)
    {
        var stored = new StoredObject { Stamp = WireTypes.ToWire(envelope.Stamp), Value = envelope.Value };
        stored.Scopes.Add(envelope.Scopes.Select(scope => new StoredName { Type = scope.Type, Key = scope.Key }));
        stored.References.Add(envelope.References.Select(reference => new StoredName { Type = reference.Type, Key = reference.Key }));
        return stored.ToByteString();
    }

    public static Envelope Read(ObjectId id, KeyValue pair)
    {
        var stored = Parse(StoredObject.Parser, pair.Value);
        return new Envelope(id, stored.Value)
        {
            Revision = pair.ModRevision,
            Scopes = [.. stored.Scopes.Select(scope => new Scope(string.Intern(scope.Type), scope.Key))],
            References = [.. stored.References.Select(reference => new ObjectId(string.Intern(reference.Type), reference.Key))],
            Stamp = stored.Stamp is null ? null : WireTypes.FromWire(stored.Stamp),
        };
    }

    // The key names the type in full, so the number says nothing; zero would be refused.
    public static ByteString Write(TypeDeclaration type) => WireTypes.ToWire(new CacheType(1, type, objectType: null)).ToByteString();

    public static TypeDeclaration ReadType(string name, ByteString value)
    {
        var type = WireTypes.FromWire(Parse(Core.Protocol.TypeDeclaration.Parser, value));
        return type.Name == name && type.Kind != TypeKind.Dynamic ? type : throw new FormatException($"it declares {type.Kind} {type.Name}");
    }

    private static T Parse<T>(MessageParser<T> parser, ByteString bytes)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new FormatException(e.Message, e);
        }
    }
}
