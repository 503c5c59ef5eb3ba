using System.Collections.Immutable;
using Notify.Core.Journal;
using Notify.Core.Storage;
using Notify.Simulation.Disks;
using Notify.Simulation.Model;
using Notify.Simulation.Plans;
using Notify.Storage;

namespace Notify.Simulation.Nodes;

/// <summary>The one store of the world, in memory or on a disk, and the connections of controllers to it, each with its own troubles.</summary>
internal sealed partial class SimStore
{
    private readonly World _world;
    private readonly SimRandom _random;
    private readonly Dictionary<Space, StoreModel> _models = [];
    private readonly List<long> _committedAtMs = [0];

    /// <summary>Writes that were neither answered nor refused, in their order.</summary>
    private readonly List<Write> _underWay = [];

    /// <summary>Trouble by controller's name.</summary>
    private readonly Dictionary<string, Trouble> _troubles = new(StringComparer.Ordinal);

    private IObjectStore _store;

    public SimStore(World world)
    {
        _world = world;
        _random = new SimRandom(unchecked(world.Plan.Seed * 6151) + 3);
        _disk = new SimulatedDisk();
        _store = world.Faults.IsDurable
            ? OpenOnDisk()
            : new MemoryObjectStore(
                new StoreIdentity(Id(world.Plan.Seed, 1), Id(world.Plan.Seed, 2)),
                new MemoryStoreOptions { HistoryRevisionsMax = world.Faults.StoreHistoryMax, WakesWatchersInline = true });
        _models.Add(Identity.ToSpace(), Model);
    }

    public StoreIdentity Identity => _store.Identity;

    public StoreLimits Limits => _store.Limits;

    /// <summary>What the store should have.</summary>
    public StoreModel Model { get; private set; } = new();

    /// <summary>The store as controllers reach it now.</summary>
    /// <exception cref="StoreUnavailableException">It is off.</exception>
    public IObjectStore Running => _isOff ? throw new StoreUnavailableException("it is off.") : _store;

    /// <summary>What the store of a space should have had; of no space: what this one should have.</summary>
    public StoreModel ModelOf(Space? space) => space is null ? Model : _models[space];

    /// <summary>When a revision was committed; watchers go on before the commit has returned.</summary>
    public long CommittedAtMs(long revision) => revision < _committedAtMs.Count ? _committedAtMs[(int)revision] : _world.NowMs;

    public void Start() =>
        Declare(_world.Plan.Nodes.Where(node => node.IsController).All(node => node.Schema == SchemaVersion.Old) ? SchemaVersion.Old : SchemaVersion.Current);

    public void Declare(SchemaVersion schema)
    {
        var declarations = SimTypes.Declarations(schema).Where(type => !SimTypes.IsDynamic(type.Name)).ToImmutableArray();
        var refersTo = declarations.ToDictionary(type => type.Name, type => type.RefersTo.ToArray());
        Send(new Write(
            $"schema {schema}",
            async store => await store.DeclareAsync(declarations, CancellationToken.None).ConfigureAwait(false),
            model => model.Declare(refersTo)));
    }

    public void Commit(IReadOnlyList<ObjectPlan> plan)
    {
        var changes = plan.Select(change => change.Value is null ? StoreChange.Delete(change.Id) : StoreChange.Put(change.ToEnvelope())).ToImmutableArray();
        Send(new Write(
            string.Join(' ', plan),
            async store => await store.CommitAsync(new Transaction(changes), CancellationToken.None).ConfigureAwait(false) switch
            {
                CommitResult.Committed committed => committed.Revision,
                _ => null,
            },
            model => model.Commit(changes.Select(change => (change.Id, change.Envelope)))));
    }

    public void Compact(int keepRevisions)
    {
        if (!_isOff)
        {
            var compacting = _store.CompactAsync(Model.Head - keepRevisions, CancellationToken.None);
            System.Diagnostics.Trace.Assert(compacting.IsCompletedSuccessfully, "Compaction is done in memory, at once.");
        }
    }

    public IObjectStore For(SimProcess process) => new StoreConnection(_world, this, TroubleOf(process.Node.Plan.Name));

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

        HealDisk();
    }

    /// <summary>Gives a write to the store. What becomes of it is known when it is answered, or when a store that lost power is back.</summary>
    private async void Send(Write write)
    {
        if (_isOff)
        {
            return;
        }

        _underWay.Add(write);
        try
        {
            var revision = await write.Send(_store).ConfigureAwait(false);
            _underWay.Remove(write);
            if (revision is { } committed)
            {
                Acknowledge(write, committed);
            }
        }
        catch (StoreUnavailableException)
        {
            _underWay.Remove(write);
            NoteRefused();
        }
        catch (CommitOutcomeUnknownException)
        {
            _world.Fire(FaultKind.StoreDiskFails); // It stays under way.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _world.Fail("exception", e.ToString());
        }
    }

    private void Acknowledge(Write write, long revision)
    {
        Apply(write);
        if (Model.Head != revision)
        {
            _world.Fail("durability", $"The store answered {write.Text} with revision {revision}; it should be at {Model.Head}.");
        }
    }

    /// <summary>Notes that a write was made; most make a revision.</summary>
    private void Apply(Write write)
    {
        if (write.Apply(Model))
        {
            _committedAtMs.Add(_world.NowMs);
            _world.Statistics.Commits++;
            _world.Trace.Note(_world.NowMs, $"store r{Model.Head}: {write.Text}");
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

    private static Guid Id(long seed, byte what)
    {
        var random = new SimRandom((seed * 2) + what);
        return new Guid(random.Next(int.MaxValue), 0, what, 0, 0, 0, 0, 0, 0, 0, 1);
    }

    /// <summary>A write: how to send it, which gives the head that holds it or null where it was refused, and what it does to the model.</summary>
    private sealed record Write(string Text, Func<IObjectStore, Task<long?>> Send, Func<StoreModel, bool> Apply);

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
