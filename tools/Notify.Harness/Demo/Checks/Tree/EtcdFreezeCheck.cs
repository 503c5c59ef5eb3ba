using System.Diagnostics;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Demo.Processes;

namespace Notify.Harness.Demo.Checks.Tree;

/// <summary>
/// etcd is stopped for five seconds, less than the controllers' leases last. Every node goes on answering reads; writes end with UNAVAILABLE and a
/// text that names the store; afterwards writes work again, and at no matching engine anything was removed.
/// </summary>
internal sealed class EtcdFreezeCheck(TreeDeployment demo)
{
    private static readonly TimeSpan FreezeTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReadPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WritePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var head = await MirrorChecks.HeadAsync(demo, cancellationToken);
        await using var first = await NodeWatch.StartAsync(demo.Client(demo.Dmes[0]), [], cancellationToken);
        await using var second = await NodeWatch.StartAsync(demo.Client(demo.Dmes[1]), [], cancellationToken);
        var instances = LoadWriter.Instances(demo);
        demo.Etcd.Freeze();
        int[] reads;
        GrpcException[] failures;
        try
        {
            var clock = Stopwatch.StartNew();
            var reading = Task.WhenAll(demo.Nodes.Select(node => ReadAsync(node, head, clock, cancellationToken)));
            failures = await Task.WhenAll(demo.Controllers.Select((controller, index) => WriteAsync(controller, instances[index], cancellationToken)));
            reads = await reading;
        }
        finally
        {
            demo.Etcd.Thaw();
        }

        var watch = Stopwatch.StartNew();
        // What became of the writes that failed nobody knows, as their answers say; these settle it.
        foreach (var (controller, instance) in demo.Controllers.Zip(instances))
        {
            instance.Uri = "after-the-freeze";
            await Until.HoldsAsync(Limit, async () =>
            {
                await demo.Client(controller).CommitAsync([NodeClient.Put(instance)], cancellationToken);
                return null;
            }, cancellationToken);
            demo.Oracle.Put(EdgeObjects.Sample(instance));
        }

        var writable = watch.Elapsed;
        await ConvergeCheck.HoldsAsync(demo, cancellationToken);
        await ConvergeCheck.ReadyAsync(demo, cancellationToken);
        foreach (var watched in (NodeWatch[])[first, second])
        {
            if (watched.Events.Removals > 0)
                throw new CheckFailedException($"{watched.Events.Removals} objects went at a matching engine, first {watched.Events.FirstRemoval}");
        }

        return $"{reads.Sum()} reads at {reads.Length} nodes, 0 failed; writes: {failures[0].Code}, '{failures[0].Status.Detail}'; "
            + $"writable at both {writable.TotalSeconds:0.0} s after it went on; 0 removals";
    }

    /// <summary>Reads what is there until the time is over; a read that fails fails the check.</summary>
    private async Task<int> ReadAsync(NodeProcess node, long revision, Stopwatch clock, CancellationToken cancellationToken)
    {
        var reads = 0;
        while (clock.Elapsed < FreezeTime)
        {
            var listing = await demo.Client(node).ListAsync(revision, cancellationToken, "Flavor", "Settings");
            if (listing.Position.StoredRevision < revision || !listing.Position.Synced)
                throw new CheckFailedException($"{node.Name} went back to revision {listing.Position.StoredRevision} from {revision}");
            reads++;
            await Task.Delay(ReadPause, cancellationToken);
        }

        return reads;
    }

    private async Task<GrpcException> WriteAsync(NodeProcess controller, AppInst instance, CancellationToken cancellationToken)
    {
        try
        {
            instance.Uri = "during-the-freeze";
            await demo.Client(controller).CommitAsync([NodeClient.Put(instance)], cancellationToken, WritePatience);
        }
        catch (GrpcException e)
        {
            return e.Code == GrpcStatusCode.Unavailable && e.Status.Detail.Contains("store", StringComparison.OrdinalIgnoreCase)
                ? e
                : throw new CheckFailedException($"a write at {controller.Name} ended with {e.Code}: {e.Status.Detail}", e);
        }

        throw new CheckFailedException($"a write at {controller.Name} was acknowledged while etcd was frozen");
    }
}
