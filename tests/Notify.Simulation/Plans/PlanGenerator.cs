using System.Collections.Immutable;
using Notify.Core.Sync;
using Notify.Core.Types;

namespace Notify.Simulation.Plans;

/// <summary>Makes the plan of a world from its seed: a tree, what its writers do, and what goes wrong.</summary>
internal sealed partial class PlanGenerator
{
    private const int DurationMs = 9_000;
    private const int Sites = 4;
    private const int Flavors = 5;
    private const int Apps = 7;
    private const int Pools = 4;
    private const int Insts = 16;
    private const int GroupSize = 3;

    private readonly SimRandom _random;
    private readonly long _seed;
    private readonly HashSet<FaultKind> _kinds = [];
    private readonly List<Step> _steps = [];
    private readonly List<string> _hubs = [];
    private readonly List<string> _leaves = [];
    private int _values;

    private PlanGenerator(long seed) => (_seed, _random) = (seed, new SimRandom(unchecked(seed * 7919) + 17));

    /// <summary>
    /// What worlds have now: stores on disks came second, relays third. Drains, the fourth, and shared types, the fifth, which are in worlds without
    /// relays, join when all those worlds hold.
    /// </summary>
    public const int NewestEra = 3;

    /// <summary>What can go wrong in worlds of an era.</summary>
    public static IEnumerable<FaultKind> KindsOf(int era) => Enum.GetValues<FaultKind>().Where(kind => era switch
    {
        1 => kind <= FaultKind.BadFrame,
        2 => kind <= FaultKind.StoreRestored,
        3 => kind <= FaultKind.RelayFrozen,
        4 => kind <= FaultKind.HubDrained,
        _ => kind is <= FaultKind.StoreRestored or >= FaultKind.HubDrained,
    });

    /// <param name="seed">The seed.</param>
    /// <param name="era">
    /// Each mechanism that joins begins an era and draws from a stream of its own. So a seed of an earlier era can still be had as it was found.
    /// </param>
    public static SimulationPlan Generate(long seed, int era = NewestEra)
    {
        var plan = new PlanGenerator(seed).Generate();
        plan = era >= 2 ? DiskFaults.Join(plan) : plan;
        plan = era is 3 or 4 ? Relays.Join(plan) : plan;
        plan = era is 4 ? Drains.Join(plan) : plan;
        return era >= 5 ? SharedTypes.Join(plan) : plan;
    }

    private SimulationPlan Generate()
    {
        foreach (var kind in KindsOf(era: 1))
        {
            // Some worlds have nearly everything, some nearly nothing: faults hide each other.
            if (_random.Chance(45))
            {
                _kinds.Add(kind);
            }
        }

        var nodes = Nodes();
        var faults = Faults();
        Fill();
        var writes = _random.Next(45, 95);
        for (var i = 0; i < writes; i++)
        {
            _steps.Add(Commit(At()));
        }

        var publications = _random.Next(25, 55);
        for (var i = 0; i < publications; i++)
        {
            _steps.Add(Publication(At()));
        }

        AddFaults();
        return new SimulationPlan(_seed, faults, nodes, [.. _steps.OrderBy(step => step.AtMs)])
        {
            DurationMs = DurationMs,
            Groups = [.. nodes.Select(node => Group(node.Name))],
        };
    }

    private FaultOptions Faults()
    {
        var isSmall = _random.Chance(50);
        var delay = Has(FaultKind.Delay) ? _random.Pick([3, 20, 100, 400]) : 0;
        return new FaultOptions
        {
            Kinds = [.. _kinds],
            DelayMaxMs = delay,
            WindowFrames = _random.Pick([1, 2, 4, 16]),
            FrameBytes = delay <= 100 && _random.Chance(50) ? _random.Pick([64, 200, 1000]) : 64 * 1024,
            StagedBytesMax = _random.Chance(15) ? 200 : 64 * 1024 * 1024,
            TombstonesMax = isSmall ? _random.Pick([0, 2, 5, 20]) : 65536,
            ScopeMarkersMax = isSmall || _random.Chance(20) ? _random.Pick([0, 1, 3, 8]) : 1024,
            StoreHistoryMax = Has(FaultKind.StoreCompaction) ? _random.Pick([5, 20, 60]) : 10_000,
            StoreHorizon = _random.Pick([0, 10, 10_000]),
            GraceMs = _random.Pick([0, 0, 500, 3000]),
            SettleMs = _random.Pick([0, 500, 2000]),
            AbsentNodesMax = _random.Pick([1, 100_000]),
            StallMs = delay > 20 ? 2500 : _random.Pick([500, 2500]),
        };
    }

    private ImmutableArray<NodePlan> Nodes()
    {
        var nodes = ImmutableArray.CreateBuilder<NodePlan>();
        // A hub never knows more references than the store: it would follow them, and another hub would not.
        var storeIsOld = Has(FaultKind.MixedSchemas) && _random.Chance(40);
        for (var i = _random.Next(1, 3); i > 0; i--)
        {
            _hubs.Add($"hub{i}");
            nodes.Add(new NodePlan(
                $"hub{i}", true, [], new InterestPlan([]), storeIsOld || (Has(FaultKind.MixedSchemas) && _random.Chance(40)) ? SchemaVersion.Old : SchemaVersion.Current, Versions(), false));
        }

        var count = _random.Next(11, 16);
        for (var i = 0; i < count; i++)
        {
            var name = $"n{i}";
            _leaves.Add(name);
            nodes.Add(new NodePlan(
                name,
                false,
                [.. _hubs],
                Interest(),
                Has(FaultKind.MixedSchemas) && _random.Chance(30) ? _random.Pick([SchemaVersion.Old, SchemaVersion.New]) : SchemaVersion.Current,
                Has(FaultKind.MixedVersions) && _random.Chance(5) ? [7u] : Versions(),
                Has(FaultKind.UnknownFields) && _random.Chance(30)));
        }

        return nodes.ToImmutable();
    }

    private ImmutableArray<uint> Versions() => Has(FaultKind.MixedVersions) ? _random.Pick([(ImmutableArray<uint>)[1u], [1u, 2u], [0u, 1u], [2u, 1u]]) : [1u];

    private InterestPlan Interest()
    {
        var items = new HashSet<(string, Selector)>();
        var roll = _random.Next(100);
        if (roll < 60)
        {
            for (var i = _random.Next(1, 3); i > 0; i--)
            {
                var site = Selector.In(SimTypes.InSite(_random.Next(Sites)));
                AddIf(85, SimTypes.Inst, site);
                AddIf(50, SimTypes.Pool, site);
                AddIf(60, SimTypes.Status, site);
            }

            AddIf(85, SimTypes.App, Selector.Referred);
            AddIf(85, SimTypes.Flavor, Selector.Referred);
            AddIf(60, SimTypes.Pool, Selector.Referred);
            AddIf(60, SimTypes.Detail, Selector.Referred);
        }

        if (roll >= 50)
        {
            foreach (var type in SimTypes.All)
            {
                AddIf(roll >= 90 ? 95 : 30, type, Selector.All);
            }
        }

        AddIf(40, SimTypes.Alarm, Selector.All);
        AddIf(30, SimTypes.Note, Selector.All);
        AddIf(10, SimTypes.App, Selector.Of(SimTypes.Id(SimTypes.App, $"a{_random.Next(Apps)}").Key));
        AddIf(10, SimTypes.Inst, Selector.Of(SimTypes.Id(SimTypes.Inst, $"i{_random.Next(Insts)}").Key));
        AddIf(10, SimTypes.Detail, Selector.Of(SimTypes.Id(SimTypes.Detail, $"d{_random.Next(4)}").Key));
        return new InterestPlan([.. items]);

        void AddIf(int percent, string type, Selector selector)
        {
            if (_random.Chance(percent))
            {
                items.Add((type, selector));
            }
        }
    }

    private bool Has(FaultKind kind) => _kinds.Contains(kind);

    private int At() => _random.Next(200, DurationMs);

    private static ObjectId[] Group(string node) =>
        [.. Enumerable.Range(0, GroupSize).Select(i => SimTypes.Id(SimTypes.Alarm, $"{node}/{i}"))];
}
