using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Tests;

/// <summary>Two relays under the hub, a leaf and a sibling at the first, another node at the second, and one at the hub: all want what the leaf owns.</summary>
internal sealed class TwoRelays
{
    public TwoRelays(Scenario scenario)
    {
        Scenario = scenario;
        (First, Second) = (scenario.Relay("first"), scenario.Relay("second"));
        (FirstUp, SecondUp) = (scenario.Connect(First), scenario.Connect(Second));
        Leaf = scenario.Leaf("leaf", none => none.WithSite("berlin").With(Alarm, Selector.All));
        Leaf.Mirror.Publish([Object(Alarm, "fire", "1"), Object(Status, "s", "up", "berlin"), Object(Note, "n", "kept")], []);
        Link = scenario.Connect(Leaf, First);
        foreach (var (name, above) in new[] { ("sibling", First), ("neighbour", Second), ("watcher", scenario.Hub) })
        {
            var node = scenario.Leaf(name, none => none.WithSite("berlin").With(Alarm, Selector.All).With(Status, Selector.All).With(Note, Selector.All));
            scenario.Connect(node, above);
            Holds(node, "Alarm/fire=1", "App/web=a", "Flavor/small=f", "Inst/b1=x", "Note/n=kept", "Status/s=up");
            Others.Add(node);
        }

        Seen = [.. Others.Append(Leaf).Append(First).Append(Second).Append(scenario.Hub).Select(node => (node.Name, new Recorder(node)))];
    }

    public Scenario Scenario { get; }

    public SimulatedNode First { get; }

    public SimulatedNode Second { get; }

    public SimulatedLink FirstUp { get; }

    public SimulatedLink SecondUp { get; }

    public SimulatedNode Leaf { get; }

    public SimulatedLink Link { get; }

    public List<SimulatedNode> Others { get; } = [];

    private List<(string Name, Recorder Recorder)> Seen { get; }

    /// <summary>What any node has seen go or come since the beginning.</summary>
    public IEnumerable<string> Events => Seen.SelectMany(seen => seen.Recorder.Events.Select(change => $"{seen.Name}: {change}"));
}
