using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks;

/// <summary>
/// The controller is killed while several writers commit to it, and started again over its folder. Every acknowledged commit is there, and those under
/// way are absent or whole; nodes go on by revision and are sent nothing again. What resource managers own is not taken for gone before they had the
/// time to come back: one of them is frozen meanwhile, and its objects go when that time is over, and not before.
/// </summary>
internal sealed class RestartCheck(Deployment demo)
{
    /// <summary>Several at once, so that the kill finds commits of one batch on their way.</summary>
    private const int Writers = 4;

    private const int CommitsBefore = 200;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private long _restartedAt;

    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var writers = Instances().Chunk(2).Select((pair, index) => new RestartWriter(index, pair)).ToArray();
        await using EmbeddedLeaf leaf = new("dme-restart", demo.Controller.Address, Deployment.HeartbeatTimeout, infos: false);
        await leaf.Mirror.WaitForSyncAsync(cancellationToken);
        await PublishedChecks.GoesUpAsync(demo, cancellationToken);
        var frozen = await OfAwayAtDmeAsync(cancellationToken);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var removals = RemovalsAsync(done.Token);
        var (fullSyncs, resent) = (leaf.Mirror.Counters.FullSyncs, leaf.Mirror.Counters.Resent);

        var writing = Task.WhenAll(writers.Select(writer => writer.RunAsync(demo.Client(demo.Controller), cancellationToken)));
        await Until.HoldsAsync(
            Limit, () => Task.FromResult(writers.Sum(writer => writer.Acknowledged) >= CommitsBefore ? null : "too few commits are acknowledged"), cancellationToken);
        demo.AwayCrm.Freeze();
        TimeSpan started, back;
        try
        {
            await demo.Controller.KillAsync();
            await writing;
            _restartedAt = Stopwatch.GetTimestamp();
            await demo.Controller.RestartAsync(cancellationToken);
            started = Stopwatch.GetElapsedTime(_restartedAt);
            var listing = await demo.Client(demo.Controller).ListAsync(0, cancellationToken, "App", "AppInst");
            foreach (var writer in writers)
                writer.Find(listing);

            await Until.HoldsAsync(Limit, () => Task.FromResult(Missing(leaf, writers, listing.Position.StoredRevision)), cancellationToken);
            back = Stopwatch.GetElapsedTime(_restartedAt);
            if (leaf.Mirror.Counters.FullSyncs != fullSyncs || leaf.Mirror.Counters.Resent != resent)
            {
                throw new CheckFailedException(
                    $"{leaf.Mirror.Counters.FullSyncs - fullSyncs} full syncs and {leaf.Mirror.Counters.Resent - resent} versions sent again to a node that had them");
            }

            await Until.HoldsAsync(
                Limit,
                async () => (await OfAwayAtDmeAsync(cancellationToken)).Count is > 0 and var left ? $"{left} objects of a frozen resource manager are still at the dme" : null,
                cancellationToken);
        }
        finally
        {
            demo.AwayCrm.Thaw();
        }

        // Everything the resource managers own is back; of the one that lived the matching engine never lost any.
        await PublishedChecks.GoesUpAsync(demo, cancellationToken);
        await done.CancelAsync();
        var settled = Settled(frozen, await removals);
        foreach (var sample in writers.SelectMany(writer => writer.Objects()))
            demo.Oracle.Put(EdgeObjects.Sample(sample));
        return $"{writers.Sum(writer => writer.Acknowledged)} acknowledged, {writers.Sum(writer => writer.Found)} found, nothing sent again; "
            + $"{frozen.Count} objects of a frozen CRM stayed for {settled.TotalSeconds:0.0} s, no others went; "
            + $"up after {started.TotalSeconds:0.0} s, node equal after {back.TotalSeconds:0.0} s";
    }

    /// <summary>Two instances for each writer that no other check changes.</summary>
    private IEnumerable<AppInst> Instances() => SampleFiles.Read(demo.WorldFolder)
        .Where(sample => sample.Type == "AppInst")
        .Select(sample => (AppInst)EdgeObjects.Parse(sample))
        .Where(i => !i.CloudletKey.Equals(Deployment.Home.Key) && !i.CloudletKey.Equals(Deployment.Away.Key))
        .Skip(60)
        .Take(2 * Writers);

    private async Task<IReadOnlySet<(string Type, ByteString Key)>> OfAwayAtDmeAsync(CancellationToken cancellationToken)
    {
        var listing = await demo.Client(demo.Dme).ListAsync(0, cancellationToken, PublishedChecks.WantedByDme);
        return listing.Objects
            .Where(view => Deployment.Away.Key.Equals(Published.SiteOf(EdgeObjects.Unpack(view.Value))))
            .Select(view => (EdgeObjects.FullName(EdgeObjects.ShortName(view.Value.TypeUrl)), view.Key))
            .ToHashSet();
    }

    /// <summary>What goes of what resource managers publish, at the matching engine's process, and how long after the restart; null: before it.</summary>
    private async Task<List<(string Type, ByteString Key, TimeSpan? After)>> RemovalsAsync(CancellationToken cancellationToken)
    {
        List<(string, ByteString, TimeSpan?)> removals = [];
        try
        {
            await foreach (var change in demo.Client(demo.Dme).WatchAsync(PublishedChecks.WantedByDme, cancellationToken))
            {
                TimeSpan? after = Volatile.Read(ref _restartedAt) is > 0 and var at ? Stopwatch.GetElapsedTime(at) : null;
                removals.AddRange(change.Events.Select(one => one.Removed ?? one.Left).OfType<Core.Protocol.ObjectName>().Select(name => (name.Type, name.Key, after)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or GrpcException && cancellationToken.IsCancellationRequested)
        {
            // That is how a watch ends.
        }

        return removals;
    }

    /// <summary>How long the frozen one's objects stayed. The settle time begins in the new process, so after the restart did.</summary>
    private static TimeSpan Settled(IReadOnlySet<(string Type, ByteString Key)> frozen, List<(string Type, ByteString Key, TimeSpan? After)> removals)
    {
        var others = removals.Count(removal => !frozen.Contains((removal.Type, removal.Key)));
        if (others > 0)
            throw new CheckFailedException($"{others} objects of a resource manager that lived went at the dme meanwhile");
        if (frozen.Count == 0 || removals.Count != frozen.Count)
            throw new CheckFailedException($"{frozen.Count} objects of the frozen resource manager were at the dme, {removals.Count} went");
        var first = removals.Min(removal => removal.After ?? TimeSpan.Zero);
        return first >= Deployment.SettleTime
            ? first
            : throw new CheckFailedException($"objects of the frozen resource manager went {first.TotalSeconds:0.00} s after the restart, before {Deployment.SettleTime.TotalSeconds} s");
    }

    private static string? Missing(EmbeddedLeaf leaf, RestartWriter[] writers, long revision)
    {
        var snapshot = leaf.Mirror.Snapshot();
        return !leaf.IsConnected || snapshot.StoredRevision < revision
            ? string.Create(CultureInfo.InvariantCulture, $"the node is at revision {snapshot.StoredRevision} of {revision}, connected: {leaf.IsConnected}")
            : writers.Select(writer => writer.Missing(leaf, snapshot)).FirstOrDefault(missing => missing is not null);
    }
}
