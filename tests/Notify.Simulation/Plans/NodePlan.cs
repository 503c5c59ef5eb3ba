using System.Collections.Immutable;

namespace Notify.Simulation.Plans;

/// <summary>One node of the tree. Whoever has upstreams and is a hub, too, is a relay.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsHub">Others connect to it; without upstreams it is a controller over the store.</param>
/// <param name="Upstreams">Names of the hubs it may connect to.</param>
/// <param name="Interest">What it asks for at first.</param>
/// <param name="Schema">The schema version it was built with.</param>
/// <param name="Versions">The protocol versions it offers.</param>
/// <param name="AddsUnknown">Its frames carry fields and kinds that nobody knows.</param>
internal sealed record NodePlan(
    string Name,
    bool IsHub,
    ImmutableArray<string> Upstreams,
    InterestPlan Interest,
    SchemaVersion Schema,
    ImmutableArray<uint> Versions,
    bool AddsUnknown)
{
    /// <summary>A hub with upstreams of its own: it has no store, no types and no interest but that of the nodes below.</summary>
    public bool IsRelay => IsHub && !Upstreams.IsEmpty;

    /// <summary>A hub over the store.</summary>
    public bool IsController => IsHub && Upstreams.IsEmpty;
}
