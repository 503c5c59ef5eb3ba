using System.Collections.Immutable;
using Notify.Core.Caches;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Server;

/// <summary>Compares the types that wrote a store with those of this program.</summary>
internal sealed class StoredTypes(IEnumerable<ObjectType> types)
{
    /// <summary>Whoever moves a key moves it in all objects, so a few show it; the bound keeps the start from decoding all of a large store.</summary>
    private const int ObjectsPerType = 100;

    /// <summary>What to declare to the store.</summary>
    public ImmutableArray<TypeDeclaration> Declarations { get; } =
        [.. types.Select(type => type.Declaration).Where(declaration => declaration.Kind != TypeKind.Dynamic)];

    /// <summary>All that made a declaration fail: the conflict found first is rarely the only one.</summary>
    public async Task<StoredTypeException> ExplainAsync(IObjectStore store, TypeConflictException found, CancellationToken cancellationToken)
    {
        var snapshot = await store.SnapshotAsync(horizon: 0, cancellationToken).ConfigureAwait(false);
        var stored = snapshot.Declarations.ToDictionary(declaration => declaration.Name, StringComparer.Ordinal);
        var conflicts = new List<(string, string)>();
        foreach (var type in types)
        {
            if (stored.TryGetValue(type.Name, out var declaration)
                && declaration.ConflictWith(type.Declaration, "in the store", "in this program") is { } problem)
            {
                conflicts.Add((type.Name, problem));
            }
        }

        return new StoredTypeException(conflicts.Count > 0 ? conflicts : [(found.ObjectType, "is known with another shape")], found);
    }

    /// <summary>
    /// A declaration has the shape of a key and not its place in the object. Objects whose key is elsewhere now would keep the key that they were
    /// stored with, while this program reads another one from them.
    /// </summary>
    /// <exception cref="StoredTypeException">Stored objects have other keys than this program computes.</exception>
    public void CheckKeys(MirrorSnapshot snapshot)
    {
        var conflicts = new List<(string, string)>();
        foreach (var type in types.Where(type => type.Declaration.Kind != TypeKind.Dynamic))
        {
            foreach (var envelope in snapshot.List(type.Name).Take(ObjectsPerType))
            {
                if (KeyProblem(type, envelope) is { } problem)
                {
                    conflicts.Add((type.Name, problem));
                    break;
                }
            }
        }

        if (conflicts.Count > 0)
        {
            throw new StoredTypeException(conflicts);
        }
    }

    private static string? KeyProblem(ObjectType type, Envelope envelope)
    {
        try
        {
            return type.ReadId(envelope.Value) is { } id && id != envelope.Id
                ? "has its key elsewhere in this program than in the store (a stored object has another key than the one it is stored under)"
                : null;
        }
        catch (InvalidObjectException e)
        {
            return $"has its key elsewhere in this program than in the store (of a stored object: {e.Message.TrimEnd('.')})";
        }
    }
}
