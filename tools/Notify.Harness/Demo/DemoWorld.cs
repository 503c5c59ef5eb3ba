using System.Globalization;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Demo.Processes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo;

/// <summary>The processes of a demo, clients of theirs, and what the store must hold.</summary>
internal abstract class DemoWorld(string repository, Undertaker undertaker) : IAsyncDisposable
{
    /// <summary>After this long without a sign of life a peer is given up.</summary>
    public static readonly TimeSpan HeartbeatTimeout = TimeSpan.FromSeconds(2);

    /// <summary>So long after its start a controller waits for the nodes before it calls what they own complete.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(2);

    /// <summary>Both have a pool of machines and a GPU driver, so that references of all forms are followed.</summary>
    public static readonly Site Home = new("Europe", "Berlin");

    /// <summary>Far away from <see cref="Home"/>: who is nearest is beyond doubt.</summary>
    public static readonly Site Away = new("America", "Vancouver");

    private readonly Dictionary<NodeProcess, (Uri Address, NodeClient Client)> _clients = [];

    /// <summary>The processes in a few words.</summary>
    public abstract string Title { get; }

    /// <summary>The sample files.</summary>
    public string WorldFolder { get; } = Path.Combine(repository, "samples", "world");

    /// <summary>What the store must hold; changes are written to it as they are made.</summary>
    public Oracle Oracle { get; } = new();

    /// <summary>A controller that runs.</summary>
    public abstract NodeProcess Controller { get; }

    public NodeProcess HomeCrm { get; protected set; } = null!; // Set at the start, before which there are no nodes to ask for.

    public NodeProcess AwayCrm { get; protected set; } = null!; // As above.

    /// <summary>The processes, controllers first and leaves last.</summary>
    public abstract IReadOnlyList<NodeProcess> Nodes { get; }

    /// <summary>Those that die now and then for who watches.</summary>
    public abstract IReadOnlyList<NodeProcess> Mortals { get; }

    /// <summary>Starts every process and waits until each listens.</summary>
    /// <exception cref="CheckFailedException">One did not start.</exception>
    public abstract Task StartAsync(CancellationToken cancellationToken);

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

    public virtual ValueTask DisposeAsync()
    {
        foreach (var (_, client) in _clients.Values)
            client.Dispose();
        return ValueTask.CompletedTask;
    }

    protected NodeProcess Create(string project, string name, params IEnumerable<string> arguments) => new(
        HostProgram.Find(repository, project), name, ["--heartbeat-timeout", Seconds(HeartbeatTimeout), .. arguments], undertaker);

    protected static string Seconds(TimeSpan time) => time.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}
