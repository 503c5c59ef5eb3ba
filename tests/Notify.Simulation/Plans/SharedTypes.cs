using System.Collections.Immutable;
using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Simulation.Nodes;

namespace Notify.Simulation.Plans;

/// <summary>Has leaves publish shared objects, several controllers write them into the store, and those fail each other.</summary>
internal sealed class SharedTypes
{
    private const int Sites = 4;
    private const int KeysOfAll = 2;

    private readonly SimRandom _random;
    private readonly SimulationPlan _plan;
    private readonly ImmutableArray<NodePlan> _hubs;
    private readonly string[] _leaves;
    private readonly ImmutableSortedSet<FaultKind>.Builder _kinds;
    private readonly List<Step> _steps = [];
    private readonly int _ttlMs;
    private readonly int _takeoverMs;
    private int _values;

    private SharedTypes(SimulationPlan plan)
    {
        _random = new SimRandom(unchecked(plan.Seed * 67_867_967) + 29);
        _plan = plan;
        _kinds = plan.Faults.Kinds.ToBuilder();
        var hubs = plan.Nodes.Where(node => node.IsController).ToImmutableArray();
        var count = _random.Pick([1, 2, 2, 2, 3]);
        _hubs = [.. hubs, .. Enumerable.Range(hubs.Length, Math.Max(0, count - hubs.Length)).Select(i => hubs[0] with { Name = $"shub{i}" })];
        _ttlMs = _random.Pick([1000, 2000, 4000]);
        _takeoverMs = _random.Pick([300, 1000, 2000]);
        _leaves = [.. plan.Nodes.Where(node => !node.IsHub).Select(node => node.Name)];
    }

    public static SimulationPlan Join(SimulationPlan plan) => new SharedTypes(plan).Join();

    private SimulationPlan Join()
    {
        var names = _hubs.Select(hub => hub.Name).ToImmutableArray();
        var nodes = _plan.Nodes.Where(node => !node.IsController).Select(node => node with { Upstreams = names, Interest = With(node.Interest) }).ToArray();
        Publish();
        AddFaults();
        return _plan with
        {
            Nodes = [.. _hubs, .. nodes],
            Steps = [.. _plan.Steps.Select(step => step is Step.SetInterest set ? set with { Interest = With(set.Interest) } : step).Concat(_steps).OrderBy(step => step.AtMs)],
            Faults = _plan.Faults with
            {
                Kinds = _kinds.ToImmutable(),
                HasShared = true,
                LeaseTtlMs = _ttlMs,
                TakeoverMs = _takeoverMs,
                ChangesMax = _random.Pick([4, 8, 100, 100]),
            },
        };
    }

    private void Publish()
    {
        foreach (var leaf in _leaves.Where(_ => _random.Chance(80)))
        {
            _steps.Add(Publication(250, leaf, _random.Chance(30) ? 9 : 3));
        }

        for (var publications = _random.Next(25, 60); publications > 0; publications--)
        {
            _steps.Add(Publication(At(), _random.Pick(_leaves), _random.Chance(10) ? 12 : 3));
        }
    }

    private Step.Publish Publication(int atMs, string node, int countMax)
    {
        var changes = new Dictionary<ObjectId, ObjectPlan>();
        for (var count = _random.Next(1, countMax + 1); count > 0; count--)
        {
            // Of the kept type nobody says a key of others: what is kept of a node that has gone shadows what others say, by design.
            var id = _random.Next(100) switch
            {
                < 25 => SimTypes.Id(SimTypes.Seal, $"{node}/{_random.Next(3)}"),
                < 37 => SimTypes.Id(SimTypes.Report, $"all{_random.Next(KeysOfAll)}"),
                _ => SimTypes.Id(SimTypes.Report, $"{node}/{_random.Next(countMax > 3 ? 12 : 4)}"),
            };
            changes[id] = _random.Chance(25) ? ObjectPlan.Delete(id) : Put(id, node);
        }

        return new Step.Publish(atMs, node, [.. changes.Values]);
    }

    private ObjectPlan Put(ObjectId id, string node)
    {
        var value = _random.Chance(10) ? $"{node}:same" : $"{node}:s{++_values}";
        return id.Type == SimTypes.Seal
            ? new ObjectPlan(id, value, [], [])
            : new ObjectPlan(id, value, _random.Chance(90) ? [_random.Next(Sites)] : [], _random.Chance(50) ? [SimTypes.Id(SimTypes.Seal, $"{node}/{_random.Next(3)}")] : []);
    }

    private InterestPlan With(InterestPlan interest)
    {
        var items = interest.Items.ToList();
        AddIf(35, SimTypes.Report, Selector.All);
        AddIf(35, SimTypes.Seal, Selector.All);
        AddIf(40, SimTypes.Seal, Selector.Referred);
        AddIf(10, SimTypes.Report, Selector.Of(SimTypes.Id(SimTypes.Report, $"all{_random.Next(KeysOfAll)}").Key));
        foreach (var scope in interest.Items.Select(item => item.Selector).Where(selector => selector.Kind == SelectorKind.Scope).Distinct())
        {
            AddIf(60, SimTypes.Report, scope);
        }

        return new InterestPlan([.. items]);

        void AddIf(int percent, string type, Selector selector)
        {
            if (_random.Chance(percent))
            {
                items.Add((type, selector));
            }
        }
    }

    private void AddFaults()
    {
        Times(FaultKind.LeaseLost, 3, () => _steps.Add(new Step.LeaseLost(At(), Hub())));
        Times(FaultKind.AnswerLost, 4, () => _steps.Add(new Step.LoseAnswers(At(), Hub(), [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => (AnswerLoss)_random.Next(3))])));
        Times(FaultKind.ControllerFrozen, 2, () => _steps.Add(new Step.Freeze(At(), Hub(), _random.Pick([200, 1500, 2800, 4500, 7000]))));
        Times(FaultKind.HubCrash, 1, () => _steps.Add(new Step.Crash(At(), Hub(), _random.Chance(30), _random.Pick([10, 500, 3000]))));
        Times(FaultKind.StoreUnavailable, 2, () =>
        {
            var (at, forMs) = (At(), _random.Pick([300, 1500, 3000, 6000]));
            _steps.AddRange((_random.Chance(50) ? _hubs.Select(hub => hub.Name) : [Hub()]).Select(hub => new Step.StoreDown(at, hub, forMs)));
        });
        Times(FaultKind.HubDrained, 2, () =>
        {
            var at = At();
            _steps.Add(new Step.Drain(at, Hub(), _random.Pick([200, 1000, 2500]), _random.Pick([10, 500, 3000])));
            _steps.AddRange(Enumerable.Range(0, _random.Next(5)).Select(_ => new Step.Drop(at + _random.Next(150), _random.Pick(_leaves))));
        });
        if (_hubs.Length > 1 && _random.Chance(60))
        {
            ReturnJustInTime();
        }

        for (var drops = _random.Next(6); drops > 0; drops--)
        {
            _steps.Add(new Step.Drop(At(), _random.Pick(_leaves)));
        }
    }

    /// <summary>A controller comes back just when another one, which is late itself, takes it for gone.</summary>
    private void ReturnJustInTime()
    {
        _kinds.UnionWith([FaultKind.ControllerFrozen, FaultKind.StoreUnavailable, FaultKind.LaggingController]);
        var (at, away, late) = (_random.Next(300, _plan.DurationMs / 2), Hub(), Hub());
        var forMs = _ttlMs + _plan.Faults.GraceMs + _takeoverMs + _random.Next(-600, 1000);
        if (away != late)
        {
            _steps.Add(new Step.StoreLag(at, late, _random.Pick([100, 400, 1000]), forMs + 3000));
        }

        _steps.Add(_random.Chance(50) ? new Step.Freeze(at + 100, away, forMs) : new Step.StoreDown(at + 100, away, forMs));
    }

    private void Times(FaultKind kind, int countMax, Action add)
    {
        if (_random.Chance(50))
        {
            _kinds.Add(kind);
            for (var i = _random.Next(1, countMax + 1); i > 0; i--)
            {
                add();
            }
        }
    }

    private string Hub() => _random.Pick(_hubs).Name;

    private int At() => _random.Next(300, _plan.DurationMs);
}
