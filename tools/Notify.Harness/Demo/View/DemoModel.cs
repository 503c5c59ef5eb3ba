namespace Notify.Harness.Demo.View;

/// <summary>What the screen shows, at one moment.</summary>
internal sealed record DemoView(IReadOnlyList<NodeView> Nodes, IReadOnlyList<string> Events, long Changes);

/// <summary>Collects what the screen shows. Thread safe; bounded.</summary>
internal sealed class DemoModel(IEnumerable<string> nodes)
{
    private const int EventsMax = 100;

    private readonly Lock _gate = new();
    private readonly List<NodeView> _nodes = [.. nodes.Select(NodeView.Down)];
    private readonly LinkedList<string> _events = [];
    private long _changes;

    /// <summary>A node's newest state.</summary>
    public void Update(NodeView node)
    {
        lock (_gate)
        {
            var index = _nodes.FindIndex(n => n.Name == node.Name);
            if (index >= 0)
                _nodes[index] = node;
        }
    }

    /// <summary>A node does not answer: the rest of its row says nothing any more.</summary>
    public void Lost(string name)
    {
        lock (_gate)
        {
            var index = _nodes.FindIndex(n => n.Name == name);
            if (index >= 0)
                _nodes[index] = NodeView.Down(name);
        }
    }

    /// <summary>Something happened; the newest stands first.</summary>
    public void AddEvent(string text)
    {
        lock (_gate)
        {
            _events.AddFirst(text);
            if (_events.Count > EventsMax)
                _events.RemoveLast();
        }
    }

    /// <summary>So many objects changed at the controller.</summary>
    public void AddChanges(int count)
    {
        lock (_gate)
            _changes += count;
    }

    public DemoView View()
    {
        lock (_gate)
            return new([.. _nodes], [.. _events], _changes);
    }
}
