namespace Notify.Simulation.Plans;

/// <summary>Puts the store of most worlds on a disk, and has the disk fail it.</summary>
internal static class DiskFaults
{
    public static SimulationPlan Join(SimulationPlan plan)
    {
        var random = new SimRandom(unchecked(plan.Seed * 15_485_863) + 5);
        plan = plan with { Faults = plan.Faults with { TwinsPublish = true } };
        if (!random.Chance(65))
        {
            return plan;
        }

        var kinds = plan.Faults.Kinds.ToBuilder();
        var steps = new List<Step>(plan.Steps);
        Times(FaultKind.StoreCrash, 3, () => new Step.StoreCrash(At(), random.Next(12), random.Chance(70), random.Chance(50), random.Pick([10, 400, 2500])));
        Times(FaultKind.StoreDiskFull, 2, () => new Step.DiskFull(At(), random.Pick([0, 10, 300]), random.Pick([300, 2000])));
        Times(FaultKind.StoreDiskFails, 1, () => new Step.DiskFails(At(), random.Pick([200, 1500])));
        Times(FaultKind.StoreRestored, 1, () =>
        {
            var at = At();
            steps.Add(new Step.BackUp(at));
            return new Step.Restore(at + random.Next(plan.DurationMs - at), random.Chance(50), random.Pick([10, 500, 3000]));
        });
        return plan with
        {
            Steps = [.. steps.OrderBy(step => step.AtMs)],
            Faults = plan.Faults with
            {
                Kinds = kinds.ToImmutable(),
                IsDurable = true,
                FlushMaxMs = random.Pick([0, 0, 5, 60]),
                LogFileBytes = random.Pick([400, 3000, 1 << 20]),
                CheckpointBytes = random.Pick([300, 2000, 1 << 20]),
            },
        };

        int At() => random.Next(200, plan.DurationMs);

        void Times(FaultKind kind, int countMax, Func<Step> make)
        {
            if (random.Chance(45))
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
