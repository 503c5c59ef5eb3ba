using Notify.Core.Protocol;
using Notify.Harness.Demo.Checks;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Demo.Processes;
using Notify.Testing.Etcd;

namespace Notify.Harness.Demo;

/// <summary>
/// Two controllers over one etcd, a relay with two resource managers below it, and two matching engines, each a process of its own. Relay and matching
/// engines know both controllers, and every line between two of them, and from the controllers to etcd, can be cut. docker-compose.yml describes
/// the same world.
/// </summary>
internal sealed class TreeDeployment(string repository, Undertaker undertaker) : DemoWorld(repository, undertaker)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(NodeProcess Node, NodeProcess Controller), TcpProxy> _lines = [];
    private readonly List<(NodeProcess Controller, TcpProxy Line)> _controllers = [];

    public override string Title => "etcd, two controllers, a relay with two CRMs below it, and two DMEs";

    public EtcdProcess Etcd { get; } = new();

    public IReadOnlyList<NodeProcess> Controllers => [.. _controllers.Select(one => one.Controller)];

    public override NodeProcess Controller => Controllers.FirstOrDefault(one => one.IsRunning) ?? Controllers[0];

    public NodeProcess Relay { get; private set; } = null!; // Set at the start.

    /// <summary>Two; after the start each at a controller of its own.</summary>
    public IReadOnlyList<NodeProcess> Dmes { get; private set; } = [];

    /// <summary>The nodes that choose between the controllers.</summary>
    public IReadOnlyList<NodeProcess> Movers => [Relay, .. Dmes];

    public override IReadOnlyList<NodeProcess> Nodes => [.. Controllers, Relay, HomeCrm, AwayCrm, .. Dmes];

    public override IReadOnlyList<NodeProcess> Mortals => [AwayCrm, .. Controllers];

    /// <summary>The relay and the first matching engine begin at the first controller, the second matching engine at the second.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Etcd.StartAsync();
        foreach (var name in (string[])["controller-1", "controller-2"])
        {
            TcpProxy line = new(Etcd.Address.Host, Etcd.Address.Port);
            _controllers.Add((Create("Notify.Controller", name, "--settle", Seconds(SettleTime), "--store", "etcd", "--etcd", line.Address.ToString()), line));
        }

        await Task.WhenAll(Controllers.Select(controller => controller.StartAsync(cancellationToken)));
        Relay = CreateMover("Notify.Relay", "relay-1", "--settle", Seconds(SettleTime));
        Dmes = [CreateMover("Notify.Dme", "dme-1"), CreateMover("Notify.Dme", "dme-2")];
        (NodeProcess Node, NodeProcess Controller)[] places = [(Relay, Controllers[0]), (Dmes[0], Controllers[0]), (Dmes[1], Controllers[1])];
        // Left to itself a node chooses by its name and the addresses, which are others each time.
        foreach (var (node, controller) in places)
            Controllers.Where(other => other != controller).ToList().ForEach(other => LineBetween(node, other).Cut());
        await Task.WhenAll(Movers.Select(node => node.StartAsync(cancellationToken)));
        HomeCrm = Create("Notify.Crm", Home.Node, "--upstream", Relay.Address.Authority, "--cloudlet", Home.ToString());
        AwayCrm = Create("Notify.Crm", Away.Node, "--upstream", Relay.Address.Authority, "--cloudlet", Away.ToString());
        await Task.WhenAll(HomeCrm.StartAsync(cancellationToken), AwayCrm.StartAsync(cancellationToken));
        foreach (var (node, controller) in places)
            await IsAtAsync(node, controller, cancellationToken);
        foreach (var line in _lines.Values)
            line.Heal();
    }

    /// <summary>The line that a relay or matching engine reaches a controller by.</summary>
    public TcpProxy LineBetween(NodeProcess node, NodeProcess controller) => _lines[(node, controller)];

    /// <summary>The line that a controller reaches etcd by.</summary>
    public TcpProxy LineToEtcd(NodeProcess controller) => _controllers.Single(one => one.Controller == controller).Line;

    /// <summary>The controller that a relay or matching engine is connected to, or was last.</summary>
    public async Task<NodeProcess> ControllerOfAsync(NodeProcess node, CancellationToken cancellationToken)
    {
        var peer = (await Client(node).StatusAsync(cancellationToken)).Upstream.Peer;
        return Controllers.SingleOrDefault(controller => controller.Name == peer) ?? throw new CheckFailedException($"{node.Name} is at '{peer}'");
    }

    /// <summary>The other one.</summary>
    public NodeProcess Other(NodeProcess controller) => Controllers.Single(other => other != controller);

    /// <summary>Waits until a node is connected to a controller and has all that it wants.</summary>
    /// <returns>When the connection was made.</returns>
    public async Task<DateTimeOffset> IsAtAsync(NodeProcess node, NodeProcess controller, CancellationToken cancellationToken)
    {
        var connected = DateTimeOffset.MinValue;
        await Until.HoldsAsync(
            Limit,
            async () =>
            {
                var status = await Client(node).StatusAsync(cancellationToken);
                if (status.Upstream.Peer != controller.Name || status.Upstream.State != UpstreamStatus.Types.State.Synced || !status.Synced)
                    return $"{node.Name} is {status.Upstream.State} at '{status.Upstream.Peer}' instead of {controller.Name}: {status.Upstream.LastError}";
                connected = status.Upstream.Connected.ToDateTimeOffset();
                return null;
            },
            cancellationToken);
        return connected;
    }

    /// <summary>Starts what does not run any more, as a check may leave it that was broken off.</summary>
    public async Task RepairAsync(CancellationToken cancellationToken)
    {
        foreach (var node in Nodes.Where(node => !node.IsRunning))
            await node.RestartAsync(cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        // From the leaves up, so that they say goodbye to somebody. Where the start broke off there are fewer of them.
        IEnumerable<NodeProcess?> leaves = [HomeCrm, AwayCrm, .. Dmes];
        foreach (var level in (IEnumerable<NodeProcess?>[])[leaves, [Relay], Controllers])
            await Task.WhenAll(level.OfType<NodeProcess>().Select(node => node.DisposeAsync().AsTask()));
        foreach (var line in _lines.Values.Concat(_controllers.Select(one => one.Line)))
            await line.DisposeAsync();
        await Etcd.DisposeAsync();
    }

    private NodeProcess CreateMover(string project, string name, params string[] arguments)
    {
        var lines = Controllers.Select(controller => (Controller: controller, Line: new TcpProxy(controller.Address.Host, controller.Address.Port))).ToList();
        var node = Create(project, name, [.. lines.SelectMany(one => new[] { "--upstream", one.Line.Address.Authority }), .. arguments]);
        foreach (var (controller, line) in lines)
            _lines[(node, controller)] = line;
        return node;
    }
}
