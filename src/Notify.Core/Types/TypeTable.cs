using System.Collections.Immutable;

namespace Notify.Core.Types;

/// <summary>
/// The cache types one node knows: registered ones, whose code it has, and declared ones, that a peer or a stored object told it.
/// Numbers never change while the process lives; ranks follow from the union of all declarations. Thread safe; reads take no lock.
/// </summary>
public sealed class TypeTable
{
    private readonly Lock _lock = new();
    private volatile Tables _tables = new(ImmutableDictionary<string, CacheType>.Empty, []);
    private int _version;

    /// <summary>All types by number: the type with number n is at n - 1.</summary>
    public ImmutableArray<CacheType> All => _tables.ByNumber;

    /// <summary>Grows each time ranks changed. Who keeps anything in reference order compares it.</summary>
    public int RankVersion => Volatile.Read(ref _version);

    /// <summary>How many references were left out of the ranks because they close a cycle between mixed schema versions.</summary>
    public int BrokenCycles { get; private set; }

    /// <summary>Registers generated types.</summary>
    /// <exception cref="TypeConflictException">A type is known with another kind, scope or key.</exception>
    public void Register(IEnumerable<ObjectType> types)
    {
        lock (_lock)
        {
            foreach (var type in types)
            {
                Add(type.Declaration, type);
            }

            Rank();
        }
    }

    /// <summary>Makes a declared type known and returns it; a known one learns of further types that it refers to.</summary>
    /// <exception cref="TypeConflictException">The type is known with another kind, scope or key.</exception>
    public CacheType Declare(TypeDeclaration declaration)
    {
        if (Find(declaration.Name) is { Declaration: var held } known && ReferenceEquals(held.Union(declaration), held))
        {
            return known;
        }

        lock (_lock)
        {
            var type = Add(declaration, objectType: null);
            Rank();
            return type;
        }
    }

    /// <summary>The type of that name, or null.</summary>
    public CacheType? Find(string name) => _tables.ByName.GetValueOrDefault(name);

    /// <summary>True when a closure follows the reference: it goes to a lower rank, so it lies on no cycle.</summary>
    public bool Follows(CacheType from, string to) => Find(to) is { } target && target.Rank < from.Rank;

    private CacheType Add(TypeDeclaration declaration, ObjectType? objectType)
    {
        if (Find(declaration.Name) is { } known)
        {
            known.Declaration = known.Declaration.Union(declaration);
            known.ObjectType ??= objectType;
            return known;
        }

        var tables = _tables;
        var type = new CacheType(tables.ByNumber.Length + 1, declaration, objectType);
        _tables = new(tables.ByName.Add(declaration.Name, type), tables.ByNumber.Add(type));
        return type;
    }

    /// <summary>Depth first in name order, so that every node that knows the same declarations breaks a cycle at the same reference.</summary>
    private void Rank()
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        var open = new HashSet<string>(StringComparer.Ordinal);
        BrokenCycles = 0;
        foreach (var type in All.OrderBy(type => type.Name, StringComparer.Ordinal))
        {
            RankOf(type, ranks, open);
        }

        var changed = false;
        foreach (var type in All)
        {
            changed |= type.Rank != ranks[type.Name];
            type.Rank = ranks[type.Name];
        }

        if (changed)
        {
            Interlocked.Increment(ref _version);
        }
    }

    private int RankOf(CacheType type, Dictionary<string, int> ranks, HashSet<string> open)
    {
        if (ranks.TryGetValue(type.Name, out var known))
        {
            return known;
        }

        open.Add(type.Name);
        var rank = 0;
        foreach (var target in type.Declaration.RefersTo.Order(StringComparer.Ordinal).Select(Find).OfType<CacheType>())
        {
            if (open.Contains(target.Name))
            {
                BrokenCycles++;
                continue;
            }

            rank = Math.Max(rank, RankOf(target, ranks, open) + 1);
        }

        open.Remove(type.Name);
        return ranks[type.Name] = rank;
    }

    private sealed record Tables(ImmutableDictionary<string, CacheType> ByName, ImmutableArray<CacheType> ByNumber);
}
