using System.Collections.Immutable;
using Notify.Core.Types;

namespace Notify.Simulation.Plans;

/// <summary>Everything that is decided about a world before it runs. What is left to chance follows from the seed.</summary>
internal sealed record SimulationPlan(long Seed, FaultOptions Faults, ImmutableArray<NodePlan> Nodes, ImmutableArray<Step> Steps)
{
    /// <summary>Ids that one node always publishes together, so that nobody may ever see a part of them.</summary>
    public ImmutableArray<ObjectId[]> Groups { get; init; } = [];

    /// <summary>How long writers and faults go on; then the world comes to rest.</summary>
    public int DurationMs { get; init; }
}
