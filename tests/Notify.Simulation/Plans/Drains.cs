namespace Notify.Simulation.Plans;

/// <summary>Has controllers and relays stop on purpose, so that the nodes below go elsewhere before that.</summary>
internal static class Drains
{
    public static SimulationPlan Join(SimulationPlan plan)
    {
        var random = new SimRandom(unchecked(plan.Seed * 49_979_687) + 23);
        plan = plan with { Faults = plan.Faults with { FullSyncsMax = random.Pick([1, 2, 64]) } };
        if (!random.Chance(70))
        {
            return plan;
        }

        var hubs = plan.Nodes.Where(node => node.IsHub).Select(node => node.Name).ToArray();
        var steps = new List<Step>(plan.Steps);
        for (var drains = random.Next(1, 5); drains > 0; drains--)
        {
            steps.Add(new Step.Drain(
                random.Next(1000, plan.DurationMs), random.Pick(hubs), random.Pick([200, 1000, 2500, 4000]), random.Pick([10, 500, 3000])));
        }

        return plan with
        {
            Steps = [.. steps.OrderBy(step => step.AtMs)],
            Faults = plan.Faults with { Kinds = plan.Faults.Kinds.Add(FaultKind.HubDrained) },
        };
    }
}
