using System.Diagnostics;
using Notify.Harness.Demo.Processes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks.Tree;

/// <summary>Each node has exactly what it is to have: of the store, and of what resource managers publish.</summary>
internal static class ConvergeCheck
{
    public static async Task<string> RunAsync(TreeDeployment demo, CancellationToken cancellationToken)
    {
        var time = await HoldsAsync(demo, cancellationToken);
        var counts = Expected(demo).Skip(1).Select(one => $"{one.Node.Name} {one.Objects.Count}");
        return $"{string.Join(", ", counts)} objects; {await ReadyAsync(demo, cancellationToken)}; {time.TotalSeconds:0.0} s";
    }

    /// <summary>Waits until every mirror equals what the files and the changes since say, at the newest revision.</summary>
    public static async Task<TimeSpan> HoldsAsync(TreeDeployment demo, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var revisions = await Task.WhenAll(demo.Controllers.Where(controller => controller.IsRunning).Select(
            async controller => (await demo.Client(controller).ListAsync(0, cancellationToken, "Settings")).Position.StoredRevision));
        foreach (var (node, objects) in Expected(demo))
            await MirrorChecks.HoldsAsync(demo, node, objects, revisions.Max(), cancellationToken);
        return watch.Elapsed;
    }

    /// <summary>Waits until every report of both resource managers is there and ready: at all who want it, and nowhere a report too many.</summary>
    public static async Task<string> ReadyAsync(TreeDeployment demo, CancellationToken cancellationToken)
    {
        var above = await demo.ControllerOfAsync(demo.Relay, cancellationToken);
        return await PublishedChecks.GoesUpAsync(
            demo, above, [.. demo.Controllers.Where(one => one != above && one.IsRunning), .. demo.Dmes], cancellationToken);
    }

    private static IEnumerable<(NodeProcess Node, IReadOnlyCollection<MirrorObject> Objects)> Expected(TreeDeployment demo)
    {
        var home = demo.Oracle.ExpectedForCloudlet(DemoWorld.Home.Organization, DemoWorld.Home.Name);
        var away = demo.Oracle.ExpectedForCloudlet(DemoWorld.Away.Organization, DemoWorld.Away.Name);
        return
        [
            .. demo.Controllers.Select(controller => (controller, demo.Oracle.All)),
            (demo.Relay, home.Union(away).ToHashSet()),
            (demo.HomeCrm, home.ToHashSet()),
            (demo.AwayCrm, away.ToHashSet()),
            .. demo.Dmes.Select(dme => (dme, (IReadOnlyCollection<MirrorObject>)demo.Oracle.ExpectedForDme().ToHashSet())),
        ];
    }
}
