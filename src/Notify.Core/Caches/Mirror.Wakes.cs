using Notify.Core.Journal;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>Who waits for news of which lane. A commit wakes only those whose lanes it changed.</summary>
public sealed partial class Mirror
{
    private readonly WakeTable _storedWakes = new();
    private readonly WakeTable _dynamicWakes = new();

    /// <summary>
    /// Wakes once at the next change of the main lane (where <paramref name="main"/>) or of a scope's lane. Called inside the lock, by
    /// a cursor that has seen everything; a wake is spent when it fires.
    /// </summary>
    internal void WakeOnChange(SpaceJournal journal, bool main, IEnumerable<Scope> scopes, Action wake)
    {
        var table = ReferenceEquals(journal, StoredJournal) ? _storedWakes : _dynamicWakes;
        if (main)
        {
            table.Main.Add(wake);
        }

        foreach (var scope in scopes)
        {
            if (!table.ByScope.TryGetValue(scope, out var wakes))
            {
                table.ByScope.Add(scope, wakes = []);
            }

            wakes.Add(wake);
        }
    }

    /// <summary>Forgets the wakes of a cursor that ends, or whose interest changes. Called inside the lock.</summary>
    internal void ForgetWakes(SpaceJournal journal, IReadOnlyCollection<Scope> scopes, Action wake)
    {
        var table = ReferenceEquals(journal, StoredJournal) ? _storedWakes : _dynamicWakes;
        table.Main.Remove(wake);
        foreach (var scope in scopes)
        {
            if (table.ByScope.TryGetValue(scope, out var wakes) && wakes.Remove(wake) && wakes.Count == 0)
            {
                table.ByScope.Remove(scope);
            }
        }
    }

    /// <summary>How many wakes are registered, for all lanes and for handlers together.</summary>
    internal int WakeCount
    {
        get
        {
            lock (_handledWakes)
            {
                lock (_gate)
                {
                    return _storedWakes.Count + _dynamicWakes.Count + _handledWakes.Count;
                }
            }
        }
    }

    private void WakeCursors()
    {
        Collect(StoredJournal, _storedWakes);
        Collect(DynamicJournal, _dynamicWakes);
    }

    private void Collect(SpaceJournal journal, WakeTable table)
    {
        // Sequence moves with every epoch, so a journal that this commit left alone wakes nobody.
        if (table.Sequence == journal.Sequence)
        {
            return;
        }

        table.Sequence = journal.Sequence;
        if (table.Space != journal.Space)
        {
            table.Space = journal.Space;
            WakeAll(table);
            return;
        }

        if (journal.HasChanges)
        {
            _wakes.AddRange(table.Main);
            table.Main.Clear();
        }

        foreach (var scope in journal.ChangedScopes)
        {
            if (table.ByScope.Remove(scope, out var wakes))
            {
                _wakes.AddRange(wakes);
            }
        }
    }

    /// <summary>Wakes every cursor: what can be said of items changed, though no object did.</summary>
    internal void WakeAll() => Change(() =>
    {
        WakeAll(_storedWakes);
        WakeAll(_dynamicWakes);
        return true;
    });

    private void WakeAll(WakeTable table)
    {
        _wakes.AddRange(table.Main);
        _wakes.AddRange(table.ByScope.Values.SelectMany(wakes => wakes));
        table.Main.Clear();
        table.ByScope.Clear();
    }

    private sealed class WakeTable
    {
        public Space? Space { get; set; }

        public long Sequence { get; set; }

        public HashSet<Action> Main { get; } = [];

        public Dictionary<Scope, HashSet<Action>> ByScope { get; } = [];

        public int Count => Main.Count + ByScope.Values.Sum(wakes => wakes.Count);
    }
}
