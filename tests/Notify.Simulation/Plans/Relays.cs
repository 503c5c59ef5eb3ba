using System.Collections.Immutable;

namespace Notify.Simulation.Plans;

/// <summary>Puts one or two levels of relays between the controllers and some of the leaves, and has them fail.</summary>
internal static class Relays
{
    public static SimulationPlan Join(SimulationPlan plan)
    {
        var random = new SimRandom(unchecked(plan.Seed * 32_452_843) + 11);
        // What a relay learns of references from nodes below, and of those that are declared later, is not judged yet.
        if (!random.Chance(85) || plan.Nodes.DistinctBy(node => node.Schema).Count() > 1 || plan.Faults.Kinds.Contains(FaultKind.MixedSchemas))
        {
            return plan;
        }

        var hubs = plan.Nodes.Where(node => node.IsHub).Select(node => node.Name).ToImmutableArray();
        var upper = Make("relay", random.Next(1, 3), hubs);
        var lower = random.Chance(50) ? Make("deep", random.Next(1, 3), [.. upper.Select(relay => relay.Name), .. random.Chance(20) ? hubs : []]) : [];
        ImmutableArray<NodePlan> relays = [.. upper, .. lower];
        var uppers = relays.Select(relay => relay.Name).ToArray();
        var leaves = plan.Nodes.Where(node => !node.IsHub).Select(leaf => random.Next(100) switch
        {
            < 25 => leaf,
            < 60 => leaf with { Upstreams = [.. hubs, .. uppers] },
            _ => leaf with { Upstreams = [.. uppers.Where(_ => random.Chance(70)).DefaultIfEmpty(uppers[^1])] },
        }).ToArray();
        var kinds = plan.Faults.Kinds.ToBuilder();
        var steps = new List<Step>(plan.Steps);
        Times(FaultKind.RelayCrash, 3, () => new Step.Crash(At(), random.Pick(uppers), random.Chance(30), random.Pick([10, 500, 3000])));
        Times(FaultKind.RelayFrozen, 3, () => new Step.Freeze(At(), random.Pick(uppers), random.Pick([200, 1500, 2800, 4500, 7000])));
        for (var drops = random.Next(4); drops > 0; drops--)
        {
            steps.Add(new Step.Drop(At(), random.Pick(uppers)));
        }

        return plan with
        {
            Nodes = [.. plan.Nodes.Where(node => node.IsHub), .. relays, .. leaves],
            Steps = [.. steps.OrderBy(step => step.AtMs)],
            Faults = plan.Faults with { Kinds = kinds.ToImmutable() },
        };

        ImmutableArray<NodePlan> Make(string name, int count, ImmutableArray<string> upstreams) =>
            [.. Enumerable.Range(0, count).Select(i => new NodePlan($"{name}{i}", true, upstreams, new InterestPlan([]), SchemaVersion.Current, [1u], false))];

        int At() => random.Next(200, plan.DurationMs);

        void Times(FaultKind kind, int countMax, Func<Step> make)
        {
            if (random.Chance(60))
            {
                kinds.Add(kind);
                for (var i = random.Next(1, countMax + 1); i > 0; i--)
                {
                    steps.Add(make());
                }
            }
        }
    }
}
