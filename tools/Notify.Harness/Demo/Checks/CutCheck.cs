using System.Diagnostics;
using Google.Protobuf;
using Notify.Core.Caches;
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
    private EventCount _atDme = new();

    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var before = demo.Oracle.ExpectedForDme();
        await using var watch = await NodeWatch.StartAsync(demo.Client(demo.Dme), [], cancellationToken);
        _atDme = watch.Events;
        using var subscription = leaf.Mirror.Subscribe(OnChange, leaf.Mirror.Snapshot());
        TimeSpan back;
        try
        {
            demo.Line.Cut();
            var revision = await ChangeAsync(cancellationToken);
            await StaysAsync(before, cancellationToken);
            var clock = Stopwatch.StartNew();
            demo.Line.Heal();
            await MirrorChecks.HoldsAsync(demo, demo.Dme, demo.Oracle.ExpectedForDme(), revision, cancellationToken);
            await Until.HoldsAsync(Limit, () => Task.FromResult(LeafDifference(demo.Oracle.ExpectedForDme())), cancellationToken);
            back = clock.Elapsed;
        }
        finally
        {
            demo.Line.Heal();
        }

        await Task.Delay(Quiet, cancellationToken);
        var difference = MirrorDifference.Between(before, demo.Oracle.ExpectedForDme());
        _atLeaf.ShowsOnly(difference, "leaf");
        _atDme.ShowsOnly(difference, "dme");
        return $"mirrors stayed; {difference.Changed.Count} changed, {difference.Unexpected.Count} created, {difference.Missing.Count} deleted: "
            + $"{_atLeaf.Total} events each, equal {back.TotalSeconds:0.0} s after the line was back";
    }

    private async Task<long> ChangeAsync(CancellationToken cancellationToken)
    {
        await Until.HoldsAsync(
            Limit, () => Task.FromResult(leaf.IsConnected || demo.Line.ConnectionCount > 0 ? "the line is not cut" : null), cancellationToken);
        return await ScatteredChanges.MakeAsync(demo, demo.Controller, cancellationToken);
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
}
