using System.Collections.Immutable;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Storage.Etcd.Api;

namespace Notify.Storage.Etcd;

/// <summary>
/// Makes objects, declarations and epochs of what etcd has, in revision order. Anybody may write under the prefix with other tools; what is not
/// of the layout is logged and does not exist: neither here nor for a controller that starts later. Not thread safe.
/// </summary>
internal sealed partial class EtcdReader(EtcdKeys keys, ILogger logger)
{
    private readonly Dictionary<string, TypeDeclaration> _types = new(StringComparer.Ordinal);

    /// <summary>The types as of what was read last.</summary>
    public IReadOnlyDictionary<string, TypeDeclaration> Types => _types;

    /// <summary>Reads declarations; those that could be read and said anything new.</summary>
    public ImmutableArray<TypeDeclaration> ReadTypes(IEnumerable<KeyValue> pairs)
    {
        var read = ImmutableArray.CreateBuilder<TypeDeclaration>();
        foreach (var pair in pairs)
        {
            if (ReadType(pair) is { } type)
            {
                read.Add(type);
            }
        }

        return read.ToImmutable();
    }

    /// <summary>The object of a pair under <see cref="EtcdKeys.Objects"/>, or null where it is none.</summary>
    public Envelope? ReadObject(KeyValue pair) => IdOf(pair) is { } id ? Read(id, pair) : null;

    /// <summary>All events of one revision as an epoch.</summary>
    public StoreEpoch ReadEpoch(long revision, IReadOnlyCollection<Event> events)
    {
        // First, as objects of these types may come at the same revision.
        var types = ReadTypes(events.Where(one => one.Kv.Key.Span.StartsWith(keys.Types.Span) && one.Type == Event.Types.EventType.Put).Select(one => one.Kv));
        var changes = new Dictionary<ObjectId, StoreChange>();
        foreach (var one in events)
        {
            var pair = one.Kv;
            if (pair.Key.Span.StartsWith(keys.Objects.Span))
            {
                if (IdOf(pair) is { } id)
                {
                    var envelope = one.Type == Event.Types.EventType.Put ? Read(id, pair) : null;
                    changes[id] = envelope is null ? StoreChange.Delete(id) : StoreChange.Put(envelope);
                }
            }
            else if (!pair.Key.Span.StartsWith(keys.Types.Span) && !IsOwn(pair.Key))
            {
                Log.Ignored(logger, EtcdKeys.Show(pair.Key), pair.ModRevision, "no such key is part of a store");
            }
        }

        return new StoreEpoch(revision, [.. changes.Values]) { Declarations = types };
    }

    private bool IsOwn(ByteString key) => key == keys.Head || key == keys.Store || key == keys.Incarnation || key == keys.Format;

    private ObjectId? IdOf(KeyValue pair)
    {
        if (keys.ObjectOf(pair.Key) is not { } id)
        {
            Log.Ignored(logger, EtcdKeys.Show(pair.Key), pair.ModRevision, "it is not the key of an object");
            return null;
        }

        if (!_types.ContainsKey(id.Type))
        {
            Log.Ignored(logger, EtcdKeys.Show(pair.Key), pair.ModRevision, "its type is not declared");
            return null;
        }

        return id;
    }

    private Envelope? Read(ObjectId id, KeyValue pair)
    {
        try
        {
            return EtcdCodec.Read(id, pair);
        }
        catch (FormatException e)
        {
            Log.Ignored(logger, EtcdKeys.Show(pair.Key), pair.ModRevision, e.Message);
            return null;
        }
    }

    private TypeDeclaration? ReadType(KeyValue pair)
    {
        try
        {
            var name = keys.TypeOf(pair.Key) ?? throw new FormatException("it is not the key of a type");
            var type = EtcdCodec.ReadType(name, pair.Value);
            var known = _types.GetValueOrDefault(name);
            var union = known?.Union(type) ?? type;
            _types[name] = union;
            return ReferenceEquals(union, known) ? null : union;
        }
        catch (Exception e) when (e is FormatException or TypeConflictException)
        {
            Log.Ignored(logger, EtcdKeys.Show(pair.Key), pair.ModRevision, e.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4200, LogLevel.Error, "Key {Key} in etcd, at revision {Revision}, is ignored: {Reason}")]
        public static partial void Ignored(ILogger logger, string key, long revision, string reason);
    }
}
