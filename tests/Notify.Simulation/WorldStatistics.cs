using Notify.Simulation.Nodes;
using Notify.Simulation.Plans;

namespace Notify.Simulation;

/// <summary>What went on in a world: to see that it was not empty.</summary>
internal sealed class WorldStatistics
{
    public long Events { get; set; }

    public long DeliveredFrames { get; set; }

    public long DeliveredChanges { get; set; }

    public int Commits { get; set; }

    public int Sessions { get; set; }

    public long Checks { get; set; }

    public long HandlerCalls { get; set; }

    public long FullSyncs { get; private set; }

    public HashSet<FaultKind> Fired { get; } = [];

    public void Add(SimProcess process) => FullSyncs += process.Mirror.Counters.FullSyncs;
}
