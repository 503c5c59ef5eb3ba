using System.Collections.Immutable;
using Notify.Core.Storage;
using Notify.Simulation.Plans;
using Notify.Storage;

namespace Notify.Simulation.Nodes;

/// <summary>The one store of the world, and the connections of controllers to it, each with its own troubles.</summary>
internal sealed class SimStore(World world)
{
    private readonly MemoryObjectStore _store = new(
        new StoreIdentity(Id(world.Plan.Seed, 1), Id(world.Plan.Seed, 2)),
        new MemoryStoreOptions { HistoryRevisionsMax = world.Faults.StoreHistoryMax, WakesWatchersInline = true });

    private readonly List<long> _committedAtMs = [0];

    /// <summary>Trouble by controller's name.</summary>
    private readonly Dictionary<string, Trouble> _troubles = new(StringComparer.Ordinal);

    public StoreIdentity Identity => _store.Identity;

    public long Head => _committedAtMs.Count - 1;

    /// <summary>When a revision was committed; watchers go on before the commit has returned.</summary>
    public long CommittedAtMs(long revision) => revision < _committedAtMs.Count ? _committedAtMs[(int)revision] : world.NowMs;

    public void Start() => Declare(world.Plan.Nodes.Where(node => node.IsHub).All(node => node.Schema == SchemaVersion.Old) ? SchemaVersion.Old : SchemaVersion.Current);

    public void Declare(SchemaVersion schema)
    {
        var declarations = SimTypes.Declarations(schema).Where(type => !SimTypes.IsDynamic(type.Name)).ToImmutableArray();
        var revision = Result(_store.DeclareAsync(declarations, CancellationToken.None));
        if (revision > Head)
        {
            _committedAtMs.Add(world.NowMs);
            world.Model.Declare(revision, declarations.ToDictionary(type => type.Name, type => type.RefersTo.ToArray()));
            world.Trace.Note(world.NowMs, $"store r{revision}: schema {schema}");
        }
    }

    public void Commit(IReadOnlyList<ObjectPlan> plan)
    {
        var changes = plan.Select(change => change.Value is null ? StoreChange.Delete(change.Id) : StoreChange.Put(change.ToEnvelope())).ToImmutableArray();
        if (Result(_store.CommitAsync(new Transaction(changes), CancellationToken.None)) is not CommitResult.Committed { MadeRevision: true } committed)
        {
            return;
        }

        _committedAtMs.Add(world.NowMs);
        world.Statistics.Commits++;
        world.Model.Commit(committed.Revision, changes.Select(change => (change.Id, change.Envelope)));
        world.Trace.Note(world.NowMs, $"store r{committed.Revision}: {string.Join(' ', plan)}");
    }

    public void Compact(int keepRevisions)
    {
        var compacting = _store.CompactAsync(Head - keepRevisions, CancellationToken.None);
        System.Diagnostics.Trace.Assert(compacting.IsCompletedSuccessfully, "A store in memory answers at once.");
    }

    public IObjectStore For(SimProcess process) => new StoreConnection(world, _store, this, TroubleOf(process.Node.Plan.Name));

    public void SetDown(string controller, bool isDown)
    {
        var trouble = TroubleOf(controller);
        trouble.IsDown = isDown;
        if (isDown)
        {
            trouble.Cut();
        }
    }

    public void SetLag(string controller, int lagMs) => TroubleOf(controller).LagMs = lagMs;

    public void Heal()
    {
        foreach (var trouble in _troubles.Values)
        {
            (trouble.IsDown, trouble.LagMs) = (false, 0);
        }
    }

    private Trouble TroubleOf(string controller)
    {
        if (!_troubles.TryGetValue(controller, out var trouble))
        {
            _troubles.Add(controller, trouble = new Trouble());
        }

        return trouble;
    }

    private static T Result<T>(ValueTask<T> task) =>
        task.IsCompletedSuccessfully ? task.Result : throw new InvalidOperationException("A store in memory answers at once.");

    private static Guid Id(long seed, byte what)
    {
        var random = new SimRandom((seed * 2) + what);
        return new Guid(random.Next(int.MaxValue), 0, what, 0, 0, 0, 0, 0, 0, 0, 1);
    }

    /// <summary>What ails one controller's connection.</summary>
    internal sealed class Trouble
    {
        private CancellationTokenSource _cut = new();

        public bool IsDown { get; set; }

        public int LagMs { get; set; }

        /// <summary>Cancelled when the connection breaks.</summary>
        public CancellationToken Broken => _cut.Token;

        public void Cut()
        {
            var cut = _cut;
            _cut = new CancellationTokenSource();
            cut.Cancel();
        }
    }
}
