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

    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var writers = Instances().Chunk(2).Select((pair, index) => new RestartWriter(index, pair)).ToArray();
        await using EmbeddedLeaf leaf = new("dme-restart", demo.Controller.Address, Deployment.HeartbeatTimeout, infos: false);
        await using EmbeddedLeaf settling = new("dme-settle", demo.Controller.Address, Deployment.HeartbeatTimeout);
        await leaf.Mirror.WaitForSyncAsync(cancellationToken);
        await PublishedChecks.GoesUpAsync(demo, cancellationToken);
        await settling.Mirror.WaitForSyncAsync(cancellationToken);
        var frozen = OfAway(settling);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var removals = RemovalsAsync(done.Token);
        var (fullSyncs, resent) = (leaf.Mirror.Counters.FullSyncs, leaf.Mirror.Counters.Resent);

        var writing = Task.WhenAll(writers.Select(writer => writer.RunAsync(demo.Client(demo.Controller), cancellationToken)));
        await Until.HoldsAsync(
            Limit, () => Task.FromResult(writers.Sum(writer => writer.Acknowledged) >= CommitsBefore ? null : "too few commits are acknowledged"), cancellationToken);
        demo.AwayCrm.Freeze();
        TimeSpan started, back, settled;
        try
        {
            await demo.Controller.KillAsync();
            await writing;
            var watch = Stopwatch.StartNew();
            await demo.Controller.RestartAsync(cancellationToken);
            started = watch.Elapsed;
            var listing = await demo.Client(demo.Controller).ListAsync(0, cancellationToken, "App", "AppInst");
            foreach (var writer in writers)
                writer.Find(listing);

            await Until.HoldsAsync(Limit, () => Task.FromResult(Missing(leaf, writers, listing.Position.StoredRevision)), cancellationToken);
            back = watch.Elapsed;
            if (leaf.Mirror.Counters.FullSyncs != fullSyncs || leaf.Mirror.Counters.Resent != resent)
            {
                throw new CheckFailedException(
                    $"{leaf.Mirror.Counters.FullSyncs - fullSyncs} full syncs and {leaf.Mirror.Counters.Resent - resent} versions sent again to a node that had them");
            }

            settled = await SettledAsync(settling, frozen, cancellationToken);
        }
        finally
        {
            demo.AwayCrm.Thaw();
        }

        // Everything the resource managers own is back; of the one that lived the matching engine never lost any.
        await PublishedChecks.GoesUpAsync(demo, cancellationToken);
        await done.CancelAsync();
        if (await removals is var others and > 0)
            throw new CheckFailedException($"{others} objects of a resource manager that lived went at the dme meanwhile");
        foreach (var sample in writers.SelectMany(writer => writer.Objects()))
            demo.Oracle.Put(EdgeObjects.Sample(sample));
        return $"{writers.Sum(writer => writer.Acknowledged)} acknowledged, {writers.Sum(writer => writer.Found)} found, nothing sent again; "
            + $"{frozen} objects of a frozen CRM stayed for {settled.TotalSeconds:0.0} s, no others went; "
            + $"up after {started.TotalSeconds:0.0} s, node equal after {back.TotalSeconds:0.0} s";
    }

    /// <summary>Two instances for each writer that no other check changes.</summary>
    private IEnumerable<AppInst> Instances() => SampleFiles.Read(demo.WorldFolder)
        .Where(sample => sample.Type == "AppInst")
        .Select(sample => (AppInst)EdgeObjects.Parse(sample))
        .Where(i => !i.CloudletKey.Equals(Deployment.Home.Key) && !i.CloudletKey.Equals(Deployment.Away.Key))
        .Skip(60)
        .Take(2 * Writers);

    /// <summary>How many objects of the resource manager that is frozen a node has.</summary>
    private static int OfAway(EmbeddedLeaf leaf)
    {
        var snapshot = leaf.Mirror.Snapshot();
        return snapshot.List(AppInstInfo.Descriptor.FullName).Count(held => AppInstInfo.Parser.ParseFrom(held.Value).CloudletKey.Equals(Deployment.Away.Key))
            + snapshot.List(CloudletInfo.Descriptor.FullName).Count(held => CloudletInfo.Parser.ParseFrom(held.Value).Key.Equals(Deployment.Away.Key));
    }

    /// <summary>Waits until the frozen one's objects go.</summary>
    /// <returns>How long they stayed after the new process noted its start; the settle time begins a little later.</returns>
    private async Task<TimeSpan> SettledAsync(EmbeddedLeaf leaf, int frozen, CancellationToken cancellationToken)
    {
        var began = (await demo.Client(demo.Controller).StatusAsync(cancellationToken)).Started.ToDateTimeOffset();
        TimeSpan? first = null;
        await Until.HoldsAsync(
            Limit,
            () =>
            {
                var left = OfAway(leaf);
                if (left < frozen)
                    first ??= DateTimeOffset.UtcNow - began;
                return Task.FromResult(left == 0 ? null : $"{left} of {frozen} objects of a frozen resource manager are still there");
            },
            cancellationToken);
        if (first is not { } settled)
            throw new CheckFailedException("the resource manager to be frozen had published nothing");
        return settled >= Deployment.SettleTime
            ? settled
            : throw new CheckFailedException($"objects of a frozen resource manager went {settled.TotalSeconds:0.00} s after the controller began, before {Deployment.SettleTime.TotalSeconds} s");
    }

    /// <summary>Counts what goes of what the other resource managers publish, at the matching engine's process.</summary>
    private async Task<int> RemovalsAsync(CancellationToken cancellationToken)
    {
        var gone = 0;
        HashSet<(string, ByteString)> ofAway = [];
        try
        {
            await foreach (var change in demo.Client(demo.Dme).WatchAsync(PublishedChecks.WantedByDme, cancellationToken))
            {
                foreach (var one in change.Events)
                {
                    if (one.Put is { } put && Deployment.Away.Key.Equals(Published.SiteOf(EdgeObjects.Unpack(put.Value))))
                        ofAway.Add((EdgeObjects.FullName(EdgeObjects.ShortName(put.Value.TypeUrl)), put.Key));
                    else if ((one.Removed ?? one.Left) is { } name && !ofAway.Contains((name.Type, name.Key)))
                        gone++;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or GrpcException && cancellationToken.IsCancellationRequested)
        {
            // That is how a watch ends.
        }

        return gone;
    }

    private static string? Missing(EmbeddedLeaf leaf, RestartWriter[] writers, long revision)
    {
        var snapshot = leaf.Mirror.Snapshot();
        return !leaf.IsConnected || snapshot.StoredRevision < revision
            ? string.Create(CultureInfo.InvariantCulture, $"the node is at revision {snapshot.StoredRevision} of {revision}, connected: {leaf.IsConnected}")
            : writers.Select(writer => writer.Missing(leaf, snapshot)).FirstOrDefault(missing => missing is not null);
    }
}
