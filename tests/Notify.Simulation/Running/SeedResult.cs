using Notify.Simulation.Plans;

namespace Notify.Simulation.Running;

/// <summary>What became of the world of one seed.</summary>
internal sealed record SeedResult(
    long Seed, Violation? Violation, ulong TraceHash, int Nodes, long DeliveredFrames, long Commits, long Sessions, long Checks, IReadOnlySet<FaultKind> Fired)
{
    /// <summary>Runs a seed's world in the calling thread, which must have no synchronization context.</summary>
    public static SeedResult Of(long seed, int era)
    {
        var plan = PlanGenerator.Generate(seed, era);
        var world = new World(plan);
        world.Run();
        var statistics = world.Statistics;
        return new SeedResult(
            seed, world.Violation, world.Trace.Hash, plan.Nodes.Length, statistics.DeliveredFrames, statistics.Commits, statistics.Sessions, statistics.Checks,
            statistics.Fired);
    }
}
