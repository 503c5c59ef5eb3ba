using System.Collections.Immutable;
using Google.Protobuf;
using Notify.Core.Sessions;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Storage.Embedded.Files;

namespace Notify.Storage.Embedded;

/// <summary>Translates between the store's words and the messages in its files. Reading throws <see cref="FormatException"/>.</summary>
internal static class StoreCodec
{
    /// <summary>The format that is written, and the highest that is read.</summary>
    public const uint Format = 1;

    public static Head Head(StoreIdentity identity, long revision, ulong batch = 0, IEnumerable<TypeDeclaration>? types = null)
    {
        var head = new Head
        {
            Format = Format,
            Store = ByteString.CopyFrom(identity.Store.ToByteArray()),
            Incarnation = ByteString.CopyFrom(identity.Incarnation.ToByteArray()),
            Revision = revision,
            Batch = batch,
        };
        head.Types_.Add((types ?? []).Select(ToWire));
        return head;
    }

    public static StoreIdentity Identity(Head head) => head.Store.Length == 16 && head.Incarnation.Length == 16
        ? new StoreIdentity(new Guid(head.Store.Span), new Guid(head.Incarnation.Span))
        : throw new FormatException("the head has no identity");

    public static Batch Batch(IReadOnlyList<StoreEpoch> epochs)
    {
        var batch = new Batch();
        var names = new NameWriter(batch.Names);
        foreach (var epoch in epochs)
        {
            var written = new Epoch { Revision = epoch.Revision };
            written.Types_.Add(epoch.Declarations.Select(ToWire));
            foreach (var change in epoch.Changes)
            {
                written.Changes.Add(change.Envelope is { } envelope
                    ? names.Version(envelope)
                    : new Files.Version { Type = names.Number(change.Id.Type), Key = change.Id.Key, Deleted = true });
            }

            batch.Epochs.Add(written);
        }

        return batch;
    }

    public static IEnumerable<StoreEpoch> Epochs(Batch batch)
    {
        var names = Names(batch.Names);
        return batch.Epochs.Select(epoch => new StoreEpoch(
            epoch.Revision,
            [.. epoch.Changes.Select(change => change.Deleted
                ? StoreChange.Delete(new ObjectId(Name(names, change.Type), change.Key))
                : StoreChange.Put(Envelope(names, change, epoch.Revision)))])
        {
            Declarations = Types(epoch.Types_),
        });
    }

    public static Chunk Chunk(IEnumerable<Envelope> objects)
    {
        var chunk = new Chunk();
        var names = new NameWriter(chunk.Names);
        foreach (var envelope in objects)
        {
            var version = names.Version(envelope);
            version.Revision = envelope.Revision;
            chunk.Objects.Add(version);
        }

        return chunk;
    }

    public static IEnumerable<Envelope> Objects(Chunk chunk)
    {
        var names = Names(chunk.Names);
        return chunk.Objects.Select(version => Envelope(names, version, version.Revision));
    }

    public static ImmutableArray<TypeDeclaration> Types(IEnumerable<Core.Protocol.TypeDeclaration> types) => [.. types.Select(WireTypes.FromWire)];

    // Files name types in full, so the number says nothing; zero would be refused.
    private static Core.Protocol.TypeDeclaration ToWire(TypeDeclaration type) => WireTypes.ToWire(new CacheType(1, type, objectType: null));

    private static Envelope Envelope(string[] names, Files.Version version, long revision) =>
        new(new ObjectId(Name(names, version.Type), version.Key), version.Value)
        {
            Revision = revision,
            Scopes = [.. version.Scopes.Select(scope => new Scope(Name(names, scope.Type), scope.Key))],
            References = [.. version.References.Select(reference => new ObjectId(Name(names, reference.Type), reference.Key))],
            Stamp = version.Stamp is null ? null : WireTypes.FromWire(version.Stamp),
        };

    /// <summary>One string for each name, however many frames have it: every object holds one.</summary>
    private static string[] Names(IEnumerable<string> names) => [.. names.Select(string.Intern)];

    private static string Name(string[] names, uint number) =>
        number < names.Length ? names[(int)number] : throw new FormatException($"there is no name {number}");

    /// <summary>Numbers the names of types in the order they come.</summary>
    private sealed class NameWriter(IList<string> names)
    {
        private readonly Dictionary<string, uint> _numbers = new(StringComparer.Ordinal);

        public uint Number(string name)
        {
            if (!_numbers.TryGetValue(name, out var number))
            {
                _numbers.Add(name, number = (uint)names.Count);
                names.Add(name);
            }

            return number;
        }

        public Files.Version Version(Envelope envelope)
        {
            var version = new Files.Version
            {
                Type = Number(envelope.Id.Type),
                Key = envelope.Id.Key,
                Value = envelope.Value,
                Stamp = WireTypes.ToWire(envelope.Stamp),
            };
            foreach (var scope in envelope.Scopes)
            {
                version.Scopes.Add(new Name { Type = Number(scope.Type), Key = scope.Key });
            }

            foreach (var reference in envelope.References)
            {
                version.References.Add(new Name { Type = Number(reference.Type), Key = reference.Key });
            }

            return version;
        }
    }
}
