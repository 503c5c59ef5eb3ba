namespace Notify.Testing.Tree;

/// <summary>Nodes, links and one clock. Everything happens in the calling thread, in an order that a test can rely on.</summary>
internal sealed class SimulatedTree
{
    private readonly List<SimulatedLink> _links = [];
    private readonly List<SimulatedNode> _nodes = [];
    private readonly List<SimulatedController> _controllers = [];

    public long NowMs { get; private set; } = 1_000_000;

    public IReadOnlyList<SimulatedLink> Links => _links;

    /// <summary>Called after each thing that happened, to look at the state in between.</summary>
    public Action? Stepped { get; set; }

    public SimulatedNode Add(SimulatedNode node)
    {
        _nodes.Add(node);
        return node;
    }

    public SimulatedController Add(SimulatedController controller)
    {
        _controllers.Add(controller);
        return controller;
    }

    /// <summary>The process dies: it does nothing any more, and nobody is told.</summary>
    public void Kill(SimulatedNode node)
    {
        _nodes.Remove(node);
        _controllers.RemoveAll(controller => controller.Node == node);
        _links.RemoveAll(link => link.Below == node && link.Server.End is not null);
    }

    public SimulatedLink Connect(SimulatedNode below, SimulatedNode above, SimulatedLink? older = null)
    {
        var link = new SimulatedLink(below, above, NowMs, older?.Client);
        _links.Add(link);
        return link;
    }

    /// <summary>Runs until nothing can move any more without time passing.</summary>
    public void Settle()
    {
        for (var steps = 0; ; steps++)
        {
            if (steps > 1_000_000)
            {
                var last = _links.SelectMany(link => link.Log.TakeLast(4)).Select(entry => $"{(entry.IsDown ? "down" : "up")} {entry.Frame}");
                throw new InvalidOperationException("The tree does not come to rest. Last: " + string.Join('\n', last) + '\n' + string.Join('\n', _controllers.Select(controller => controller.Last)));
            }

            var moved = false;
            foreach (var link in _links.ToArray())
            {
                if (link.Step(NowMs))
                {
                    moved = true;
                    Stepped?.Invoke();
                }
            }

            foreach (var controller in _controllers)
            {
                if (controller.Step(NowMs))
                {
                    moved = true;
                    Stepped?.Invoke();
                }
            }

            foreach (var node in _nodes)
            {
                if (node.RunHandler())
                {
                    moved = true;
                    Stepped?.Invoke();
                }
            }

            if (!moved)
            {
                _links.RemoveAll(link => link.IsOver);
                return;
            }
        }
    }

    /// <summary>Lets time pass, in steps no larger than a tick, and settles after each.</summary>
    public void Pass(long milliseconds, long tickMs = 50)
    {
        for (var end = NowMs + milliseconds; NowMs < end;)
        {
            NowMs = Math.Min(end, NowMs + tickMs);
            foreach (var link in _links.ToArray())
            {
                link.Tick(NowMs);
            }

            foreach (var node in _nodes)
            {
                node.Hub?.Tick(NowMs);
            }

            Settle();
        }
    }
}
