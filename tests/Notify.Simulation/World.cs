using Notify.Simulation.Checkers;
using Notify.Simulation.Model;
using Notify.Simulation.Network;
using Notify.Simulation.Nodes;
using Notify.Simulation.Plans;

namespace Notify.Simulation;

/// <summary>
/// One simulated world: the production engine in every node, one store, one network, one clock, all in the calling thread. Everything
/// follows from the plan. Events of one moment come in an order drawn from the seed.
/// </summary>
internal sealed partial class World
{
    private readonly PriorityQueue<Action, (long AtMs, int Tie, long Sequence)> _events = new();
    private readonly Dictionary<string, SimNode> _nodes = new(StringComparer.Ordinal);
    private readonly List<SimLink> _links = [];
    private readonly List<SimProcess> _processes = [];
    private readonly HashSet<(string Node, long Attachment, SimProcess Process)> _attached = [];
    private long _sequence;

    public World(SimulationPlan plan, bool keepsTrace = false)
    {
        Plan = plan;
        HasShared = plan.Faults.HasShared;
        Sharing = HasShared ? new SharedChecker(this) : null;
        HasRelays = plan.Nodes.Any(node => node.IsRelay);
        Random = new SimRandom(plan.Seed);
        Trace = new Trace(keepsTrace);
        Time = new VirtualTime(this);
        Store = new SimStore(this);
        foreach (var node in plan.Nodes)
        {
            _nodes.Add(node.Name, new SimNode(this, node));
        }

        if (plan.Nodes.DistinctBy(node => string.Join(',', node.Versions)).Count() > 1)
        {
            Fire(FaultKind.MixedVersions);
        }

        if (plan.Nodes.DistinctBy(node => node.Schema).Count() > 1)
        {
            Fire(FaultKind.MixedSchemas);
        }
    }

    public SimulationPlan Plan { get; }

    public FaultOptions Faults => Plan.Faults;

    public SimRandom Random { get; }

    public Trace Trace { get; }

    public VirtualTime Time { get; }

    /// <summary>What the store should have, now.</summary>
    public StoreModel Model => Store.Model;

    public SimStore Store { get; }

    public WorldStatistics Statistics { get; } = new();

    /// <summary>The first thing that went against a guarantee, or null.</summary>
    public Violation? Violation { get; private set; }

    public long NowMs { get; private set; }

    /// <summary>No session is told the time: what happens now happens because somebody was woken.</summary>
    public bool TimersAreHeld { get; set; }

    /// <summary>Writers and faults are over.</summary>
    public bool IsHealing { get; private set; }

    public bool HasRelays { get; }

    /// <summary>There are shared types, and controllers publish their objects through the store.</summary>
    public bool HasShared { get; }

    /// <summary>Judges what controllers write; null where there are no shared types.</summary>
    public SharedChecker? Sharing { get; }

    public IReadOnlyDictionary<string, SimNode> Nodes => _nodes;

    public IReadOnlyList<SimLink> Links => _links;

    /// <summary>Every process that runs, of every node.</summary>
    public IEnumerable<SimProcess> Processes => _processes.Where(process => process.IsAlive);

    /// <summary>Runs the world to its end.</summary>
    public void Run()
    {
        Store.Start();
        foreach (var node in _nodes.Values)
        {
            Schedule(node.Plan.IsController ? 0 : Random.Next(200), node.Start);
        }

        foreach (var step in Plan.Steps)
        {
            Schedule(step.AtMs, () => Do(step));
        }

        RunUntil(Plan.DurationMs);
        if (Violation is null)
        {
            Run(Heal);
            new Convergence(this).Await();
        }

        foreach (var process in Processes)
        {
            Statistics.Add(process);
        }
    }

    public void Schedule(long delayMs, Action action) =>
        _events.Enqueue(action, (NowMs + Math.Max(0, delayMs), Random.NextTie(), _sequence++));

    /// <summary>Runs what is due up to a moment. Stops at the first violation.</summary>
    public void RunUntil(long atMs)
    {
        while (Violation is null && _events.TryPeek(out _, out var due) && due.AtMs <= atMs)
        {
            var action = _events.Dequeue();
            NowMs = due.AtMs;
            if (++Statistics.Events > 400_000)
            {
                Fail("progress", "The world does not come to rest.");
                return;
            }

            Run(action);
        }

        NowMs = Math.Max(NowMs, atMs);
    }

    public void Fail(string checker, string what)
    {
        if (Violation is null)
        {
            Violation = new Violation(checker, what, NowMs);
            Trace.Note(NowMs, $"VIOLATION {checker}: {what}");
        }
    }

    public void Fire(FaultKind kind) => Statistics.Fired.Add(kind);

    /// <summary>A hub has taken a process in under a number.</summary>
    public void NoteAttached(string node, long attachment, SimProcess process) => _attached.Add((node, attachment, process));

    /// <summary>Another process of the node's name was taken in somewhere, with a number that a condition holds for.</summary>
    public bool HasRival(string node, SimProcess process, Func<long, bool> isSo) =>
        _attached.Any(one => one.Node == node && one.Process != process && isSo(one.Attachment));

    /// <summary>A process of the name was taken in somewhere with a number that a condition holds for.</summary>
    public bool IsAttached(string node, Func<long, bool> isSo) => _attached.Any(one => one.Node == node && isSo(one.Attachment));

    public void Add(SimProcess process) => _processes.Add(process);

    public void Add(SimLink link)
    {
        if (_links.Count % 64 == 63)
        {
            _links.RemoveAll(old => old.IsOver);
        }

        _links.Add(link);
    }

    private void Run(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The engine throws at nobody who feeds it frames and time.
            Fail("exception", e.ToString());
        }
    }
}
