namespace Notify.Core.Schemas;

/// <summary>The references between cache types: their ranks and their cycles.</summary>
internal sealed class ReferenceGraph
{
    private readonly IReadOnlyDictionary<string, EquatableArray<string>> _targets;
    private readonly Dictionary<string, int> _ranks = new(StringComparer.Ordinal);
    private readonly List<string> _open = [];
    private readonly List<IReadOnlyList<string>> _cycles = [];

    /// <summary>Walks the graph in the order of names, as every node does with the types declared to it.</summary>
    public ReferenceGraph(IReadOnlyDictionary<string, EquatableArray<string>> targets)
    {
        _targets = targets;
        foreach (var name in targets.Keys.OrderBy(name => name, StringComparer.Ordinal))
        {
            RankOf(name);
        }
    }

    /// <summary>Each cycle once, as the names along it; it goes on from the last to the first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Cycles => _cycles;

    /// <summary>Higher than the ranks of all targets, but for a reference that closes a cycle.</summary>
    public int RankOf(string name)
    {
        if (_ranks.TryGetValue(name, out var known))
        {
            return known;
        }

        _open.Add(name);
        var rank = 0;
        foreach (var target in _targets[name].Where(_targets.ContainsKey))
        {
            var start = _open.IndexOf(target);
            if (start >= 0)
            {
                _cycles.Add([.. _open.Skip(start)]);
                continue;
            }

            rank = Math.Max(rank, RankOf(target) + 1);
        }

        _open.RemoveAt(_open.Count - 1);
        return _ranks[name] = rank;
    }
}
