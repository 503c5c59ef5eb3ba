using System.Collections.Immutable;
using Notify.Core.Journal;
using Notify.Core.Storage;
using Notify.Core.Types;
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

    public void Declare(SchemaVersion schema) =>
        Send(Declaring([.. SimTypes.Declarations(schema, _world.HasShared).Where(type => !SimTypes.IsDynamic(type.Name))]));

    public void Commit(IReadOnlyList<ObjectPlan> plan) => Send(Committing(
        new Transaction([.. plan.Select(change => change.Value is null ? StoreChange.Delete(change.Id) : StoreChange.Put(change.ToEnvelope()))]), writer: null));

    public void Compact(int keepRevisions)
    {
        if (!_isOff)
        {
            var compacting = _store.CompactAsync(Model.Head - keepRevisions, CancellationToken.None);
            System.Diagnostics.Trace.Assert(compacting.IsCompletedSuccessfully, "Compaction is done in memory, at once.");
        }
    }

    public IObjectStore For(SimProcess process) => new StoreConnection(_world, this, process, TroubleOf(process.Node.Plan.Name));

    public void SetDown(string controller, bool isDown)
    {
        var trouble = TroubleOf(controller);
        trouble.Become(isDown, trouble.LagMs, _world.NowMs);
        if (isDown)
        {
            trouble.Cut();
        }
    }

    public void SetLag(string controller, int lagMs)
    {
        var trouble = TroubleOf(controller);
        trouble.Become(trouble.IsDown, lagMs, _world.NowMs);
    }

    public void LoseAnswers(string controller, IEnumerable<AnswerLoss> losses)
    {
        foreach (var loss in losses)
        {
            TroubleOf(controller).Losses.Enqueue(loss);
        }
    }

    /// <summary>Since when the store serves a controller as it should; now, where it does not.</summary>
    public long CalmSinceMs(string controller) => TroubleOf(controller) switch
    {
        _ when _isOff => _world.NowMs,
        { IsDown: true } or { LagMs: > 0 } or { Losses.Count: > 0 } => _world.NowMs,
        var trouble => Math.Max(trouble.CalmSinceMs, _onSinceMs),
    };

    public void Heal()
    {
        foreach (var trouble in _troubles.Values)
        {
            trouble.Become(isDown: false, lagMs: 0, _world.NowMs);
            trouble.Losses.Clear();
        }

        HealDisk();
    }

    private static Write Declaring(ImmutableArray<TypeDeclaration> types) => new(
        $"types {string.Join(' ', types.Select(type => type.Name))}",
        async store => await store.DeclareAsync(types, CancellationToken.None).ConfigureAwait(false),
        model => model.Declare(types));

    private static Write Committing(Transaction transaction, SimProcess? writer) => new(
        StoreModel.Text(transaction),
        async store => await store.CommitAsync(transaction, CancellationToken.None).ConfigureAwait(false),
        model => model.Commit(transaction),
        transaction,
        writer);

    /// <summary>Gives a write to the store. What becomes of it is known when it is answered, or when a store that lost power is back.</summary>
    private async void Send(Write write)
    {
        try
        {
            await SendAsync(write).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreUnavailableException or CommitOutcomeUnknownException)
        {
            // Who has written does not ask.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _world.Fail("exception", e.ToString());
        }
    }

    private async Task<object> SendAsync(Write write)
    {
        var store = Running;
        _underWay.Add(write);
        try
        {
            var answer = await write.Send(store).ConfigureAwait(false);
            _underWay.Remove(write);
            if (((answer as CommitResult.Committed)?.Revision ?? answer as long?) is { } revision)
            {
                Acknowledge(write, revision);
            }

            return answer;
        }
        catch (StoreUnavailableException)
        {
            _underWay.Remove(write);
            _onSinceMs = _world.NowMs;
            NoteRefused();
            throw;
        }
        catch (CommitOutcomeUnknownException)
        {
            _onSinceMs = _world.NowMs;
            _world.Fire(FaultKind.StoreDiskFails); // It stays under way.
            throw;
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
            if (write.Transaction is { } transaction)
            {
                _world.Sharing?.OnCommitted(transaction, write.Writer);
            }
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

    /// <summary>A write: how to send it, what it does to the model, and which controller's it is.</summary>
    private sealed record Write(string Text, Func<IObjectStore, Task<object>> Send, Func<StoreModel, bool> Apply, Transaction? Transaction = null, SimProcess? Writer = null);

    /// <summary>What ails one controller's connection.</summary>
    internal sealed class Trouble
    {
        private CancellationTokenSource _cut = new();

        public bool IsDown { get; private set; }

        public int LagMs { get; private set; }

        /// <summary>Since when there is none, as far as it is over.</summary>
        public long CalmSinceMs { get; private set; }

        /// <summary>Commits whose answers are to be lost.</summary>
        public Queue<AnswerLoss> Losses { get; } = [];

        public void Become(bool isDown, int lagMs, long nowMs) =>
            (IsDown, LagMs, CalmSinceMs) = (isDown, lagMs, Math.Max(CalmSinceMs, nowMs + (2 * Math.Max(LagMs, lagMs)))); // What was late is under way yet.

        public void NotCalmBefore(long atMs) => CalmSinceMs = Math.Max(CalmSinceMs, atMs);

        public AnswerLoss? TakeLoss() => Losses.TryDequeue(out var loss) ? loss : null;

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
