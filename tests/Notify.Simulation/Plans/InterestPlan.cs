using System.Collections.Immutable;
using Notify.Core.Sync;

namespace Notify.Simulation.Plans;

/// <summary>What a node asks for, as data of a plan.</summary>
internal sealed record InterestPlan(ImmutableArray<(string Type, Selector Selector)> Items)
{
    public Interest ToInterest() => Items.Aggregate(Interest.None, (interest, item) => interest.With(item.Type, item.Selector));

    public override string ToString() => string.Join(' ', Items.Select(item => item.Selector.Kind switch
    {
        SelectorKind.All => item.Type[2..],
        SelectorKind.Scope => $"{item.Type[2..]}@{item.Selector.Scope.Key.ToStringUtf8()[2..]}",
        SelectorKind.Referred => $"->{item.Type[2..]}",
        _ => $"{item.Type[2..]}/{item.Selector.Key.ToStringUtf8()[2..]}",
    }));
}
