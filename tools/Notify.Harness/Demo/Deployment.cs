using System.Globalization;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Demo.Processes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo;

/// <summary>
/// A controller, two resource managers and a matching engine, each a process of its own, and what they must hold of the sample world. The
/// matching engine reaches the controller over a line that can be cut.
/// </summary>
internal sealed class Deployment : IAsyncDisposable
{
    /// <summary>After this long without a sign of life a peer is given up.</summary>
    public static readonly TimeSpan HeartbeatTimeout = TimeSpan.FromSeconds(2);

    /// <summary>So long after its start the controller waits for the nodes before it calls what they own complete.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(2);

    /// <summary>Both have a pool of machines and a GPU driver, so that references of all forms are followed.</summary>
    public static readonly Site Home = new("Europe", "Berlin");

    /// <summary>Far away from <see cref="Home"/>: who is nearest is beyond doubt.</summary>
    public static readonly Site Away = new("America", "Vancouver");

    private readonly string _repository;
    private readonly Undertaker _undertaker;
    private readonly DirectoryInfo _data;
    private readonly Dictionary<NodeProcess, (Uri Address, NodeClient Client)> _clients = [];
    private TcpProxy? _line;

    public Deployment(string repository, Undertaker undertaker)
    {
        (_repository, _undertaker) = (repository, undertaker);
        WorldFolder = Path.Combine(repository, "samples", "world");
        _data = Directory.CreateTempSubdirectory("notify-demo-");
        Controller = Create("Notify.Controller", "controller", "--settle", Seconds(SettleTime), "--data-dir", _data.FullName);
        HomeCrm = Controller;
        AwayCrm = Controller;
        Dme = Controller;
    }

    /// <summary>The sample files.</summary>
    public string WorldFolder { get; }

    /// <summary>What the store must hold; changes are written to it as they are made.</summary>
    public Oracle Oracle { get; } = new();

    public NodeProcess Controller { get; }

    public NodeProcess HomeCrm { get; private set; }

    public NodeProcess AwayCrm { get; private set; }

    public NodeProcess Dme { get; private set; }

    /// <summary>The processes, the controller first.</summary>
    public IReadOnlyList<NodeProcess> Nodes => [.. new[] { Controller, HomeCrm, AwayCrm, Dme }.Distinct()];

    /// <summary>The line between the matching engines and the controller.</summary>
    public TcpProxy Line => _line ?? throw new InvalidOperationException("The deployment was not started.");

    /// <summary>Starts every process and waits until each listens.</summary>
    /// <exception cref="CheckFailedException">One did not start.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Controller.StartAsync(cancellationToken);
        var upstream = Controller.Address.Authority;
        _line = new TcpProxy(Controller.Address.Host, Controller.Address.Port);
        HomeCrm = Create("Notify.Crm", Home.Node, "--upstream", upstream, "--cloudlet", Home.ToString());
        AwayCrm = Create("Notify.Crm", Away.Node, "--upstream", upstream, "--cloudlet", Away.ToString());
        Dme = Create("Notify.Dme", "dme", "--upstream", Line.Address.Authority);
        await Task.WhenAll(new[] { HomeCrm, AwayCrm, Dme }.Select(node => node.StartAsync(cancellationToken)));
    }

    /// <summary>A client of a node, for the process that runs now.</summary>
    public NodeClient Client(NodeProcess node)
    {
        lock (_clients)
        {
            if (_clients.TryGetValue(node, out var known) && known.Address == node.Address)
                return known.Client;
            known.Client?.Dispose();
            var client = new NodeClient(node.Address);
            _clients[node] = (node.Address, client);
            return client;
        }
    }

    /// <summary>Loads the world, into the oracle too.</summary>
    /// <returns>The revision of the last commit.</returns>
    public Task<long> LoadAsync(Action<int, int> progress, CancellationToken cancellationToken)
    {
        List<SampleObject> samples = [.. SampleFiles.Read(WorldFolder)];
        foreach (var sample in samples)
            Oracle.Put(sample);
        return WorldLoader.LoadAsync(samples, Client(Controller), written => progress(written, samples.Count), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, client) in _clients.Values)
            client.Dispose();
        // The leaves first, so that they say goodbye to somebody.
        await Task.WhenAll(Nodes.Skip(1).Select(node => node.DisposeAsync().AsTask()));
        await Controller.DisposeAsync();
        if (_line is not null)
            await _line.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private NodeProcess Create(string project, string name, params string[] arguments)
    {
        string[] all = ["--heartbeat-timeout", Seconds(HeartbeatTimeout), .. arguments];
        return new NodeProcess(HostProgram.Find(_repository, project), name, all, _undertaker);
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}
