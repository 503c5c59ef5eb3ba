using System.Collections.Immutable;

namespace Notify.Core.Types;

/// <summary>
/// The cache types one node knows: registered ones, whose code it has, and declared ones, that a peer or a stored object told it.
/// Numbers never change while the process lives; ranks follow from the union of all declarations. Thread safe; reads take no lock.
/// </summary>
public sealed class TypeTable
{
    /// <summary>Peers declare types, so their number has a bound.</summary>
    private const int TypesMax = 10_000;

    private readonly Lock _lock = new();
    private volatile Tables _tables = new(ImmutableDictionary<string, CacheType>.Empty, [], []);
    private int _followVersion;
    private volatile bool _logsTraffic;

    /// <summary>All types by number: the type with number n is at n - 1.</summary>
    public ImmutableArray<CacheType> All => _tables.ByNumber;

    /// <summary>All types in the order in which they became known or came to refer to more, the latter once more each time. Only ever grows.</summary>
    internal ImmutableArray<CacheType> News => _tables.News;

    /// <summary>Grows each time the references that a known type's closures follow change. Who keeps closures compares it.</summary>
    public int FollowVersion => Volatile.Read(ref _followVersion);

    /// <summary>How many references were left out of the ranks because they close a cycle between mixed schema versions.</summary>
    public int BrokenCycles { get; private set; }

    /// <summary>A registered type logs its traffic.</summary>
    internal bool LogsTraffic => _logsTraffic;

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

    private CacheType Add(TypeDeclaration declaration, ObjectType? objectType)
    {
        _logsTraffic |= objectType is { LogsTraffic: true };
        if (Find(declaration.Name) is { } known)
        {
            var union = known.Declaration.Union(declaration);
            if (!ReferenceEquals(union, known.Declaration))
            {
                known.Declaration = union;
                _tables = _tables with { News = _tables.News.Add(known) };
            }

            known.ObjectType ??= objectType;
            return known;
        }

        var tables = _tables;
        if (tables.ByNumber.Length >= TypesMax)
        {
            throw new TypeConflictException(declaration.Name, $"is one type too many: a node knows at most {TypesMax}.");
        }

        var type = new CacheType(tables.ByNumber.Length + 1, declaration, objectType);
        _tables = new(tables.ByName.Add(declaration.Name, type), tables.ByNumber.Add(type), tables.News.Add(type));
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
    }

    private int RankOf(CacheType type, Dictionary<string, int> ranks, HashSet<string> open)
    {
        if (ranks.TryGetValue(type.Name, out var known))
        {
            return known;
        }

        open.Add(type.Name);
        var rank = 0;
        var followed = new List<string>();
        foreach (var target in type.Declaration.RefersTo.Order(StringComparer.Ordinal))
        {
            if (open.Contains(target))
            {
                BrokenCycles++;
                continue;
            }

            followed.Add(target);
            if (Find(target) is { } targetType)
            {
                rank = Math.Max(rank, RankOf(targetType, ranks, open) + 1);
            }
        }

        open.Remove(type.Name);
        type.Rank = rank;
        if (!type.Followed.SequenceEqual(followed))
        {
            type.Followed = [.. followed];
            Interlocked.Increment(ref _followVersion);
        }

        return ranks[type.Name] = rank;
    }

    private sealed record Tables(ImmutableDictionary<string, CacheType> ByName, ImmutableArray<CacheType> ByNumber, ImmutableArray<CacheType> News);
}
