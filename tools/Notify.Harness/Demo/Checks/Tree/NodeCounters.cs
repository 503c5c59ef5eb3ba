using Notify.Harness.Demo.Processes;

namespace Notify.Harness.Demo.Checks.Tree;

/// <summary>What nodes were sent although they had it. Nothing that the demo's nodes ask for is dynamic, so all of it is the store's.</summary>
internal sealed record NodeCounters(long FullSyncs, long Resent)
{
    /// <summary>Of a node.</summary>
    public static async Task<NodeCounters> TakeAsync(TreeDeployment demo, NodeProcess node, CancellationToken cancellationToken)
    {
        var counters = (await demo.Client(node).StatusAsync(cancellationToken)).Counters;
        return new NodeCounters(counters.FullSyncs, counters.Resent);
    }

    /// <summary>Of all nodes below the controllers.</summary>
    public static async Task<IReadOnlyDictionary<NodeProcess, NodeCounters>> TakeAsync(TreeDeployment demo, CancellationToken cancellationToken)
    {
        Dictionary<NodeProcess, NodeCounters> counters = [];
        foreach (var node in demo.Nodes.Except(demo.Controllers))
            counters[node] = await TakeAsync(demo, node, cancellationToken);
        return counters;
    }

    /// <summary>Fails where a node was sent something again since these were taken.</summary>
    /// <exception cref="CheckFailedException">One was.</exception>
    public static async Task EqualAsync(TreeDeployment demo, IReadOnlyDictionary<NodeProcess, NodeCounters> before, CancellationToken cancellationToken)
    {
        foreach (var (node, counters) in await TakeAsync(demo, cancellationToken))
        {
            if (counters != before[node])
            {
                throw new CheckFailedException(
                    $"{node.Name}: {counters.FullSyncs - before[node].FullSyncs} full syncs, {counters.Resent - before[node].Resent} versions sent again that it had");
            }
        }
    }
}
