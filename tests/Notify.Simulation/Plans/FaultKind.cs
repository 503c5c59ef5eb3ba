namespace Notify.Simulation.Plans;

/// <summary>What can go wrong in a simulated world. Each kind has to happen in enough worlds, or the run does not count.</summary>
internal enum FaultKind
{
    Delay,
    SessionReorder,
    Drop,
    OneWayPartition,
    StalledReader,
    LeafCrash,
    HubCrash,
    PowerLoss,
    Goodbye,
    StoreUnavailable,
    StoreSlow,
    StoreCompaction,
    LaggingController,
    ClockJump,
    SlowHandler,
    ThrowingHandler,
    InterestChange,
    UnknownFields,
    MixedVersions,
    MixedSchemas,
    Twin,
    BadFrame,
    StoreCrash,
    StoreDiskFull,
    StoreDiskFails,
    StoreRestored,
    RelayCrash,
    RelayFrozen,
}
