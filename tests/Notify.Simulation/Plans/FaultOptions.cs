using System.Collections.Immutable;

namespace Notify.Simulation.Plans;

/// <summary>The faults of one world, and the sizes that make bounds and slow paths come into play. Times are milliseconds.</summary>
internal sealed record FaultOptions
{
    /// <summary>The kinds that may happen; the others never do.</summary>
    public required ImmutableSortedSet<FaultKind> Kinds { get; init; }

    public int DelayMaxMs { get; init; }

    public int WindowFrames { get; init; } = 4;

    public int FrameBytes { get; init; } = 64 * 1024;

    public long StagedBytesMax { get; init; } = 64 * 1024 * 1024;

    public int TombstonesMax { get; init; } = 65536;

    public int ScopeMarkersMax { get; init; } = 1024;

    public int StoreHistoryMax { get; init; } = 10_000;

    public long StoreHorizon { get; init; } = 10_000;

    public int GraceMs { get; init; }

    public int SettleMs { get; init; } = 1000;

    public int AbsentNodesMax { get; init; } = 100_000;

    public int InterestLingerMs { get; init; } = 1000;

    public int StallMs { get; init; } = 2000;

    /// <summary>Of two processes of one name the second publishes, too.</summary>
    public bool TwinsPublish { get; init; }

    /// <summary>The store is one on a disk; otherwise it is in memory, and has no troubles of a disk.</summary>
    public bool IsDurable { get; init; }

    /// <summary>The store's thread takes up to this long to begin with what waits for it.</summary>
    public int FlushMaxMs { get; init; }

    public int LogFileBytes { get; init; } = 1 << 20;

    public int CheckpointBytes { get; init; } = 1 << 20;

    public override string ToString() =>
        $"delay<={DelayMaxMs} window={WindowFrames} frame={FrameBytes} staged={StagedBytesMax} tombstones={TombstonesMax} markers={ScopeMarkersMax} "
        + $"history={StoreHistoryMax} horizon={StoreHorizon} grace={GraceMs} settle={SettleMs} absent={AbsentNodesMax} stall={StallMs} "
        + (IsDurable ? $"flush<={FlushMaxMs} log={LogFileBytes} checkpoint={CheckpointBytes} " : "")
        + (HasShared ? $"lease={LeaseTtlMs} takeover={TakeoverMs} changes={ChangesMax} " : "")
        + (FullSyncsMax < 64 ? $"full<={FullSyncsMax} " : "")
        + $"kinds={string.Join(',', Kinds)}";

    /// <summary>There are shared types, and controllers publish their objects through the store.</summary>
    public bool HasShared { get; init; }

    public int LeaseTtlMs { get; init; } = 3000;

    public int TakeoverMs { get; init; } = 1000;

    /// <summary>Changes in a controller's transaction.</summary>
    public int ChangesMax { get; init; } = 100;

    /// <summary>To how many nodes a hub sends everything at a time.</summary>
    public int FullSyncsMax { get; init; } = 64;
}
