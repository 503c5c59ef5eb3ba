using Notify.Core.Sessions;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>A world in which somebody breaks the rules, and somebody else does not.</summary>
internal static class LimitedWorld
{
    /// <summary>A hub with small limits and one object in the store.</summary>
    public static Scenario Limited()
    {
        var scenario = new Scenario(new SessionLimits
        {
            FrameBytesMax = 200_000,
            ObjectBytesMax = 1000,
            StagedBytesMax = 50_000,
            InterestItemsMax = 100,
            RelayInterestItemsMax = 200,
            SilenceMs = 1_000_000,
        });
        scenario.Write(Object(Flavor, "f", "1"));
        return scenario;
    }

    /// <summary>A node that does nothing wrong.</summary>
    public static SimulatedNode Bystander(Scenario scenario)
    {
        var bystander = scenario.Leaf("bystander", none => none.With(Flavor, Selector.All));
        scenario.Connect(bystander);
        return bystander;
    }

    /// <summary>The bystander still gets what is written, and the hub what that publishes; nothing else is left.</summary>
    public static void IsUnaffected(Scenario scenario, SimulatedNode bystander)
    {
        scenario.Write(Object(Flavor, "f", "after"));
        bystander.Mirror.Publish([Object(Alarm, "own", "x")], []);
        scenario.Tree.Settle();
        Holds(bystander, "Alarm/own=x", "Flavor/f=after");
        Holds(scenario.Hub, "Alarm/own=x", "Flavor/f=after");
    }
}
