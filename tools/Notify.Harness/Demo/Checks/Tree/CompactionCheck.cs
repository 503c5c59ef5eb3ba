using System.Diagnostics;
using System.Globalization;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks.Tree;

/// <summary>
/// One controller is cut off from etcd, and a matching engine of the other from both controllers. Meanwhile objects change, and etcd forgets how: history
/// is compacted up to the last commit. In between both mirrors stay; after it exactly the real differences raise events.
/// </summary>
internal static class CompactionCheck
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // Long enough for a late, wrong event to come.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    public static async Task<string> RunAsync(TreeDeployment demo, CancellationToken cancellationToken)
    {
        var cutOff = await demo.ControllerOfAsync(demo.Dmes[1], cancellationToken);
        var writing = demo.Other(cutOff);
        var before = demo.Oracle.ExpectedForDme();
        await using var first = await NodeWatch.StartAsync(demo.Client(demo.Dmes[0]), [], cancellationToken);
        await using var second = await NodeWatch.StartAsync(demo.Client(demo.Dmes[1]), [], cancellationToken);
        List<TcpProxy> lines = [demo.LineToEtcd(cutOff), demo.LineBetween(demo.Dmes[0], writing), demo.LineBetween(demo.Dmes[0], cutOff)];
        TimeSpan back;
        long revision;
        try
        {
            lines.ForEach(line => line.Cut());
            await Until.HoldsAsync(Limit, () => Task.FromResult(lines.Any(line => line.ConnectionCount > 0) ? "a line is not cut" : null), cancellationToken);
            revision = await ScatteredChanges.MakeAsync(demo, writing, cancellationToken);
            await demo.Etcd.CtlAsync("compact", revision.ToString(CultureInfo.InvariantCulture), "--physical");
            foreach (var (dme, events) in demo.Dmes.Zip([first.Events, second.Events]))
            {
                var difference = MirrorDifference.Between(before, (await demo.Client(dme).ListAsync(0, cancellationToken)).Stored);
                if (!difference.IsEmpty || events.Total > 0)
                    throw new CheckFailedException($"{dme.Name} changed while the lines were cut: {difference}, first event {events.First ?? "none"}");
            }

            var clock = Stopwatch.StartNew();
            // The last one stays cut until the matching engine is back, so that the checks to come find nodes at both controllers.
            lines.SkipLast(1).ToList().ForEach(line => line.Heal());
            foreach (var dme in demo.Dmes)
                await MirrorChecks.HoldsAsync(demo, dme, demo.Oracle.ExpectedForDme(), revision, cancellationToken);
            back = clock.Elapsed;
        }
        finally
        {
            lines.ForEach(line => line.Heal());
        }

        // Else it was back before it had missed anything, and this check has shown nothing.
        await Until.HoldsAsync(
            Limit,
            () => Task.FromResult(cutOff.Output.Lines.Any(line => line.Contains("was compacted before it was read", StringComparison.Ordinal))
                ? null
                : $"{cutOff.Name} did not find its history compacted"),
            cancellationToken);
        await Task.Delay(Quiet, cancellationToken);
        var changes = MirrorDifference.Between(before, demo.Oracle.ExpectedForDme());
        first.Events.ShowsOnly(changes, demo.Dmes[0].Name);
        second.Events.ShowsOnly(changes, demo.Dmes[1].Name);
        return $"compacted at {revision}, found out by {cutOff.Name}; {changes.Changed.Count} changed, {changes.Unexpected.Count} created, {changes.Missing.Count} deleted: "
            + $"{second.Events.Total} events at each DME, equal {back.TotalSeconds:0.0} s after the lines were back";
    }
}
