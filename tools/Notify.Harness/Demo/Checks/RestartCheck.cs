using System.Diagnostics;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks;

/// <summary>
/// The controller is killed while numbered commits go to it, and started again over its folder. Every acknowledged one is there, and the one under
/// way is absent or whole; nodes go on by revision and are sent nothing again; what resource managers own is not taken for gone meanwhile.
/// </summary>
internal sealed class RestartCheck(Deployment demo)
{
    private const int CommitsBefore = 200;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private int _acknowledged;

    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var instances = Instances();
        await using EmbeddedLeaf leaf = new("dme-restart", demo.Controller.Address, Deployment.HeartbeatTimeout, infos: false);
        await leaf.Mirror.WaitForSyncAsync(cancellationToken);
        await PublishedChecks.GoesUpAsync(demo, cancellationToken);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var flaps = FlapsAsync(done.Token);
        var (fullSyncs, resent) = (leaf.Mirror.Counters.FullSyncs, leaf.Mirror.Counters.Resent);

        var writing = WriteAsync(instances, cancellationToken);
        await Until.HoldsAsync(Limit, () => Task.FromResult(_acknowledged >= CommitsBefore ? null : "too few commits are acknowledged"), cancellationToken);
        await demo.Controller.KillAsync();
        await writing;
        var acknowledged = _acknowledged;
        var watch = Stopwatch.StartNew();
        await demo.Controller.RestartAsync(cancellationToken);
        var started = watch.Elapsed;

        var (found, revision) = await FoundAsync(instances, cancellationToken);
        if (found < acknowledged || found > acknowledged + 1)
            throw new CheckFailedException($"{acknowledged} commits were acknowledged, the last one found is {found}");

        await Until.HoldsAsync(Limit, () => Task.FromResult(Missing(leaf, instances, found, revision)), cancellationToken);
        var back = watch.Elapsed;
        if (leaf.Mirror.Counters.FullSyncs != fullSyncs || leaf.Mirror.Counters.Resent != resent)
        {
            throw new CheckFailedException(
                $"{leaf.Mirror.Counters.FullSyncs - fullSyncs} full syncs and {leaf.Mirror.Counters.Resent - resent} versions sent again to a node that had them");
        }

        // Everything the resource managers own is back at the controller; the matching engine never lost any of it.
        await PublishedChecks.GoesUpAsync(demo, cancellationToken);
        await done.CancelAsync();
        if (await flaps is var gone && gone > 0)
            throw new CheckFailedException($"{gone} objects of resource managers went at the dme meanwhile");
        demo.Oracle.Put(EdgeObjects.Sample(Numbered(instances[0], found)));
        demo.Oracle.Put(EdgeObjects.Sample(Numbered(instances[1], found)));
        return $"{acknowledged} acknowledged, {found} found, nothing sent again, nothing flapped; up after {started.TotalSeconds:0.0} s, node equal after {back.TotalSeconds:0.0} s";
    }

    /// <summary>Two instances that no other check changes: a commit writes its number to both.</summary>
    private AppInst[] Instances() =>
    [
        .. SampleFiles.Read(demo.WorldFolder)
            .Where(sample => sample.Type == "AppInst")
            .Select(sample => (AppInst)EdgeObjects.Parse(sample))
            .Where(i => !i.CloudletKey.Equals(Deployment.Home.Key) && !i.CloudletKey.Equals(Deployment.Away.Key))
            .Skip(60)
            .Take(2),
    ];

    private async Task WriteAsync(AppInst[] instances, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var number = _acknowledged + 1;
                await demo.Client(demo.Controller).CommitAsync(instances.Select(i => NodeClient.Put(Numbered(i, number))), cancellationToken);
                _acknowledged = number;
            }
        }
        catch (GrpcException)
        {
            // The controller is dead: what was under way is absent or whole, and the check looks which.
        }
    }

    private async Task<(int Number, long Revision)> FoundAsync(AppInst[] instances, CancellationToken cancellationToken)
    {
        var listing = await demo.Client(demo.Controller).ListAsync(0, cancellationToken, "AppInst");
        var numbers = listing.Objects
            .Select(view => (AppInst)EdgeObjects.Unpack(view.Value))
            .Where(i => instances.Any(other => other.Key.Equals(i.Key)))
            .Select(Number)
            .ToArray();
        return numbers.Length == 2 && numbers[0] == numbers[1]
            ? (numbers[0], listing.Position.StoredRevision)
            : throw new CheckFailedException($"a commit is there in part: {string.Join(" and ", numbers)}");
    }

    /// <summary>Counts removals of what resource managers publish, at the matching engine's process.</summary>
    private async Task<int> FlapsAsync(CancellationToken cancellationToken)
    {
        var gone = 0;
        try
        {
            await foreach (var change in demo.Client(demo.Dme).WatchAsync(PublishedChecks.WantedByDme, cancellationToken))
                gone += change.Events.Count(one => one.Put is null);
        }
        catch (Exception e) when (e is OperationCanceledException or GrpcException && cancellationToken.IsCancellationRequested)
        {
            // That is how a watch ends.
        }

        return gone;
    }

    private static string? Missing(EmbeddedLeaf leaf, AppInst[] instances, int number, long revision)
    {
        var snapshot = leaf.Mirror.Snapshot();
        if (!leaf.IsConnected || snapshot.StoredRevision < revision)
            return $"the node is at revision {snapshot.StoredRevision} of {revision}, connected: {leaf.IsConnected}";
        return instances.All(i => leaf.Instances.Get(i.Key, snapshot) is { } held && Number(held) == number) ? null : "the node lacks the last commit";
    }

    private static AppInst Numbered(AppInst instance, int number) => new(instance) { Uri = $"commit-{number}" };

    private static int Number(AppInst instance) =>
        instance.Uri.StartsWith("commit-", StringComparison.Ordinal) ? int.Parse(instance.Uri["commit-".Length..], System.Globalization.CultureInfo.InvariantCulture) : 0;
}
