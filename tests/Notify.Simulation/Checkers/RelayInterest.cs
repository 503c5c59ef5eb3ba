using Notify.Core.Sync;
using Notify.Simulation.Nodes;
using Notify.Simulation.Plans;

namespace Notify.Simulation.Checkers;

/// <summary>
/// What a relay asks for at rest: all that nodes next to it ask for, and beside that only what can refer to something that one of them asks for by
/// reference, in scopes that one of them asks for.
/// </summary>
internal static class RelayInterest
{
    public static InterestPlan Asked(SimProcess relay) => new([.. relay.Mirror.Upstream.Wanted.Select(entry => (entry.Type, entry.Selector))]);

    public static string? Problem(World world, SimProcess relay)
    {
        var below = world.Links.Where(link => link.Above?.Process == relay && link.Above.IsLive).SelectMany(link => link.Server!.Items)
            .Select(item => (item.Type, item.Selector)).ToHashSet();
        var asked = Asked(relay).Items.ToHashSet();
        if (below.FirstOrDefault(item => !asked.Contains(item)) is { Type: not null } lacking)
        {
            return $"{relay.Id} does not ask for {Text(lacking)}, which a node below asks for";
        }

        return asked.FirstOrDefault(item => !below.Contains(item) && !IsNeeded(item, below)) is { Type: not null } extra
            ? $"{relay.Id} asks for {Text(extra)}, which nobody below needs" : null;
    }

    private static bool IsNeeded((string Type, Selector Selector) item, HashSet<(string Type, Selector Selector)> below) =>
        below.Any(one => one.Selector.Kind == SelectorKind.Referred && Refers(item.Type, one.Type))
        && (item.Selector.Kind == SelectorKind.Referred || (item.Selector.Kind == SelectorKind.Scope && below.Any(one => one.Selector == item.Selector)));

    private static bool Refers(string from, string to) =>
        SimTypes.Declarations(SchemaVersion.New, hasShared: true).First(type => type.Name == from).RefersTo.Any(target => target == to || Refers(target, to));

    private static string Text((string, Selector) item) => new InterestPlan([item]).ToString();
}
