using System.Diagnostics;
using Google.Protobuf;
using Notify.Core.Caches;
using Notify.Edge;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks;

/// <summary>
/// Step 7: the line between the matching engines and the controller is cut, the store goes on, the line comes back. In between the mirrors
/// stay; after it exactly the real differences raise events, at the process and at the leaf inside this one.
/// </summary>
internal sealed class CutCheck(Deployment demo, EmbeddedLeaf leaf)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CutTime = TimeSpan.FromSeconds(1);

    // Long enough for a late, wrong event to come.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    private readonly EventCount _atLeaf = new();
    private readonly EventCount _atDme = new();

    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var before = demo.Oracle.ExpectedForDme();
        var watching = Task.Run(() => WatchAsync(done.Token), cancellationToken);
        using var subscription = leaf.Mirror.Subscribe(OnChange, leaf.Mirror.Snapshot());
        await Until.HoldsAsync(
            Limit, () => Task.FromResult(_atDme.IsReady ? null : "the watch of the dme did not begin"), cancellationToken);
        TimeSpan back;
        try
        {
            demo.Line.Cut();
            var revision = await ChangeAsync(cancellationToken);
            await StaysAsync(before, cancellationToken);
            var watch = Stopwatch.StartNew();
            demo.Line.Heal();
            await MirrorChecks.HoldsAsync(demo, demo.Dme, demo.Oracle.ExpectedForDme(), revision, cancellationToken);
            await Until.HoldsAsync(Limit, () => Task.FromResult(LeafDifference(demo.Oracle.ExpectedForDme())), cancellationToken);
            back = watch.Elapsed;
        }
        finally
        {
            demo.Line.Heal();
        }

        await Task.Delay(Quiet, cancellationToken);
        await done.CancelAsync();
        await watching;
        var difference = MirrorDifference.Between(before, demo.Oracle.ExpectedForDme());
        Judge("leaf", _atLeaf, difference);
        Judge("dme", _atDme, difference);
        return $"mirrors stayed; {difference.Changed.Count} changed, {difference.Unexpected.Count} created, {difference.Missing.Count} deleted: "
            + $"{_atLeaf.Total} events each, equal {back.TotalSeconds:0.0} s after the line was back";
    }

    private async Task<long> ChangeAsync(CancellationToken cancellationToken)
    {
        await Until.HoldsAsync(
            Limit, () => Task.FromResult(leaf.IsConnected || demo.Line.ConnectionCount > 0 ? "the line is not cut" : null), cancellationToken);
        var instances = SampleFiles.Read(demo.WorldFolder)
            .Where(sample => sample.Type == "AppInst")
            .Select(sample => (AppInst)EdgeObjects.Parse(sample))
            .Where(i => !i.CloudletKey.Equals(Deployment.Home.Key) && !i.CloudletKey.Equals(Deployment.Away.Key))
            .ToList();
        List<AppInst> changed = [.. instances.Take(20).Select(i => new AppInst(i) { Uri = "changed." + i.Uri })];
        List<AppInst> deleted = [.. instances.Skip(20).Take(10)];
        List<AppInst> created = [.. instances.Skip(30).Take(10).Select(i => new AppInst(i) { Key = new AppInstKey { Organization = "notify-demo", Name = "new-" + i.Key.Name } })];
        var wavering = instances[40];
        var passing = new AppInst(instances[41]) { Key = new AppInstKey { Organization = "notify-demo", Name = "came-and-went" } };

        var controller = demo.Client(demo.Controller);
        await controller.CommitAsync(
            [NodeClient.Put(new AppInst(wavering) { Uri = "for.a.moment" }), NodeClient.Put(passing), .. changed.Select(NodeClient.Put)], cancellationToken);
        await controller.CommitAsync(
            [NodeClient.Put(wavering), NodeClient.Delete(passing), .. deleted.Select(NodeClient.Delete), .. created.Select(NodeClient.Put)], cancellationToken);
        // Nothing for a matching engine: it raises the revision only.
        var other = await controller.CommitAsync(
            [NodeClient.Put(new Flavor { Key = new FlavorKey { Name = "notify-demo" }, RamMb = 1 })], cancellationToken);

        foreach (var put in changed.Concat(created).Append<IMessage>(new Flavor { Key = new FlavorKey { Name = "notify-demo" }, RamMb = 1 }))
            demo.Oracle.Put(EdgeObjects.Sample(put));
        foreach (var gone in deleted)
            demo.Oracle.Delete("AppInst", (System.Text.Json.Nodes.JsonObject)EdgeObjects.Sample(gone).Fields["key"]!);
        return other.Revision;
    }

    private async Task StaysAsync(IReadOnlySet<MirrorObject> before, CancellationToken cancellationToken)
    {
        await Task.Delay(CutTime, cancellationToken);
        var listing = await demo.Client(demo.Dme).ListAsync(0, cancellationToken);
        var difference = MirrorDifference.Between(before, listing.Stored);
        if (!difference.IsEmpty || LeafDifference(before) is not null)
            throw new CheckFailedException($"the mirror changed while the line was cut: dme {difference}, leaf {LeafDifference(before) ?? "equal"}");
        if (_atLeaf.Total + _atDme.Total > 0)
            throw new CheckFailedException($"{_atLeaf.Total} events at the leaf and {_atDme.Total} at the dme while the line was cut, first {_atLeaf.First ?? _atDme.First}");
    }

    private string? LeafDifference(IReadOnlySet<MirrorObject> expected)
    {
        var snapshot = leaf.Mirror.Snapshot();
        var difference = MirrorDifference.Between(
            expected.Where(o => o.Type is "App" or "AppInst"), leaf.Apps.List(snapshot).Concat<IMessage>(leaf.Instances.List(snapshot)).Select(EdgeObjects.Compare));
        return difference.IsEmpty ? null : $"leaf: {difference}";
    }

    private void OnChange(MirrorChange change)
    {
        foreach (var one in change.Changes)
            _atLeaf.Add(one.Id.Type, one.Id.Key, isPut: one.New is not null);
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in demo.Client(demo.Dme).WatchAsync([], cancellationToken))
            {
                if (change.IsInitial)
                    _atDme.IsReady = true;
                else
                    Count(change);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or Core.Transport.GrpcException && cancellationToken.IsCancellationRequested)
        {
            // That is how a watch ends.
        }
    }

    private void Count(WatchedChange change)
    {
        foreach (var one in change.Events)
        {
            if (one.Put is { } put)
                _atDme.Add(put.Value.TypeUrl, put.Key, isPut: true);
            else
                _atDme.Add((one.Removed ?? one.Left).Type, (one.Removed ?? one.Left).Key, isPut: false);
        }
    }

    private static void Judge(string node, EventCount events, MirrorDifference difference)
    {
        var puts = difference.Changed.Count + difference.Unexpected.Count;
        if (events.Repeated > 0 || events.Puts != puts || events.Removals != difference.Missing.Count)
        {
            throw new CheckFailedException(
                $"{node}: {events.Puts} puts and {events.Removals} removals with {events.Repeated} repeated, expected {puts} and {difference.Missing.Count}; first {events.First}");
        }
    }
}
