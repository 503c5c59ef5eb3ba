using Notify.Testing.Tree;

namespace Notify.Core.Tests;

/// <summary>A tree of four levels: a hub with a small world, two relays in a row that start without knowing a single type, and room for leaves.</summary>
public abstract class FourLevels
{
    private protected readonly Scenario _scenario;
    private protected readonly SimulatedNode _upper;
    private protected readonly SimulatedNode _lower;

    // From the hub to the upper relay, and from there to the lower one.
    private protected readonly SimulatedLink _top;
    private protected readonly SimulatedLink _middle;

    private protected FourLevels(Scenario? scenario = null)
    {
        _scenario = (scenario ?? new Scenario()).WithSmallWorld();
        (_upper, _lower) = (_scenario.Relay("upper"), _scenario.Relay("lower"));
        _top = _scenario.Connect(_upper);
        _middle = _scenario.Connect(_lower, _upper);
    }

    private protected SimulatedNode Hub => _scenario.Hub;
}
