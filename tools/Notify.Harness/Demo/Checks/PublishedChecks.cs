using System.Diagnostics;
using Google.Protobuf;
using Notify.Edge;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Demo.Processes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks;

/// <summary>Steps 5 and 6: what a resource manager publishes is known above and beside, for as long as it lives.</summary>
internal static class PublishedChecks
{
    /// <summary>What a matching engine mirrors of it.</summary>
    public static readonly IReadOnlySet<string> WantedByDme = new HashSet<string> { "AppInstInfo", "CloudletInfo" };

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Every instance, cluster and cloudlet of both sites is reported ready.</summary>
    public static Task<string> GoesUpAsync(Deployment demo, CancellationToken cancellationToken) =>
        GoesUpAsync(demo, demo.Controller, [demo.Dme], cancellationToken);

    /// <summary>The same where there are more of them.</summary>
    /// <param name="controller">The one that the resource managers are below.</param>
    /// <param name="others">Nodes that have what matching engines want and no more.</param>
    public static async Task<string> GoesUpAsync(
        DemoWorld demo, NodeProcess controller, IEnumerable<NodeProcess> others, CancellationToken cancellationToken)
    {
        var expected = Expected(demo.Oracle, DemoWorld.Home).Concat(Expected(demo.Oracle, DemoWorld.Away)).ToHashSet();
        var atDme = expected.Where(e => WantedByDme.Contains(e.Type)).ToHashSet();
        await ReadyAsync(demo, controller, expected, cancellationToken);
        foreach (var other in others)
            await ReadyAsync(demo, other, atDme, cancellationToken);
        return $"{expected.Count} at {controller.Name}, {atDme.Count} at {string.Join(", ", others.Select(other => other.Name))}";
    }

    /// <summary>A killed resource manager takes what it published with it, and nothing else; started again, it brings it back.</summary>
    public static Task<string> KillAsync(Deployment demo, CancellationToken cancellationToken) =>
        KillAsync(demo, demo.Controller, demo.Dme, cancellationToken);

    /// <summary>The same, looked at from a controller above the resource managers and from a matching engine anywhere.</summary>
    public static async Task<string> KillAsync(DemoWorld demo, NodeProcess controller, NodeProcess dme, CancellationToken cancellationToken)
    {
        var before = await Views.TakeAsync(demo, controller, dme, cancellationToken);
        var watch = Stopwatch.StartNew();
        await demo.HomeCrm.KillAsync();
        await FlushedAsync(demo, controller, dme, before, cancellationToken);
        var flushed = watch.Elapsed;

        watch.Restart();
        await demo.HomeCrm.StartAsync(cancellationToken);
        // Another process publishes the same keys; times and numbers of the process are its own.
        await Until.HoldsAsync(Limit, async () =>
        {
            var now = await Views.TakeAsync(demo, controller, dme, cancellationToken);
            return Keys("controller", before.Controller, now.Controller) ?? Keys("dme", before.Dme, now.Dme);
        }, cancellationToken);
        // Not only there: ready again, as the next check wants to find it.
        await GoesUpAsync(demo, controller, [dme], cancellationToken);
        return $"{before.HomeAtController.Count} flushed after {Latencies.Text(flushed)}, back after {watch.Elapsed.TotalSeconds:0.0} s";
    }

    /// <summary>The same for one that freezes: it is noticed by its silence, and comes back as it was.</summary>
    public static async Task<string> FreezeAsync(Deployment demo, CancellationToken cancellationToken)
    {
        var before = await Views.TakeAsync(demo, demo.Controller, demo.Dme, cancellationToken);
        var watch = Stopwatch.StartNew();
        TimeSpan flushed;
        demo.HomeCrm.Freeze();
        try
        {
            await FlushedAsync(demo, demo.Controller, demo.Dme, before, cancellationToken);
            flushed = watch.Elapsed;
        }
        finally
        {
            demo.HomeCrm.Thaw();
        }

        // The last sign of life may be as old as the interval of heartbeats, a quarter of the timeout or so.
        if (flushed < Deployment.HeartbeatTimeout / 2)
            throw new CheckFailedException($"flushed after {flushed.TotalSeconds:0.0} s, before the heartbeat timeout of {Deployment.HeartbeatTimeout.TotalSeconds} s");
        watch.Restart();
        await Until.HoldsAsync(Limit, async () =>
        {
            var now = await Views.TakeAsync(demo, demo.Controller, demo.Dme, cancellationToken);
            return Equal("controller", before.Controller, now.Controller) ?? Equal("dme", before.Dme, now.Dme);
        }, cancellationToken);
        return $"{before.HomeAtController.Count} flushed after {flushed.TotalSeconds:0.0} s, back and equal after {watch.Elapsed.TotalSeconds:0.0} s";
    }

    private static Task<TimeSpan> FlushedAsync(
        DemoWorld demo, NodeProcess controller, NodeProcess dme, Views before, CancellationToken cancellationToken) =>
        Until.HoldsAsync(Limit, async () =>
        {
            var now = await Views.TakeAsync(demo, controller, dme, cancellationToken);
            return Equal("controller", before.RestAtController, now.Controller) ?? Equal("dme", before.RestAtDme, now.Dme);
        }, cancellationToken);

    private static HashSet<(string Type, string Key)> Expected(Oracle oracle, Site site)
    {
        HashSet<(string, string)> expected = [];
        foreach (var held in oracle.ExpectedForCloudlet(site.Organization, site.Name))
        {
            if (held.Type is "AppInst" or "ClusterInst" or "Cloudlet" or "VMPool")
                expected.Add((held.Type + "Info", held.Key));
        }

        return expected;
    }

    private static Task<TimeSpan> ReadyAsync(
        DemoWorld demo, NodeProcess node, HashSet<(string Type, string Key)> expected, CancellationToken cancellationToken) =>
        Until.HoldsAsync(Limit, async () =>
        {
            var listing = await demo.Client(node).ListAsync(0, cancellationToken);
            var ready = listing.Dynamic
                .Select(view => EdgeObjects.Unpack(view.Value))
                .Where(IsReady)
                .Select(message => EdgeObjects.Compare(message))
                .Select(o => (o.Type, o.Key))
                .ToHashSet();
            var missing = expected.Except(ready).ToList();
            var unexpected = ready.Except(expected).ToList();
            return missing.Count + unexpected.Count == 0 ? null : $"{node.Name}: of {expected.Count} reports {missing.Count} missing or not ready"
                + $" {missing.FirstOrDefault()}, {unexpected.Count} unexpected {unexpected.FirstOrDefault()}";
        }, cancellationToken);

    private static bool IsReady(IMessage message) => message switch
    {
        AppInstInfo info => info.State == AppInstState.Ready,
        ClusterInstInfo info => info.State == ClusterInstState.Ready,
        CloudletInfo info => info.State == CloudletState.Ready,
        VMPoolInfo => true,
        _ => false,
    };

    private static string? Equal(string node, IReadOnlyList<MirrorObject> expected, IReadOnlyList<MirrorObject> actual)
    {
        var difference = MirrorDifference.Between(expected, actual);
        return difference.IsEmpty ? null : $"{node}, of {expected.Count} published objects: {difference}";
    }

    private static string? Keys(string node, IReadOnlyList<MirrorObject> expected, IReadOnlyList<MirrorObject> actual) =>
        Equal(node, [.. expected.Select(o => o with { Value = "" })], [.. actual.Select(o => o with { Value = "" })]);

    /// <summary>What the controller and the matching engine have of published objects.</summary>
    private sealed record Views(
        IReadOnlyList<MirrorObject> Controller,
        IReadOnlyList<MirrorObject> Dme,
        IReadOnlyList<MirrorObject> HomeAtController,
        IReadOnlyList<MirrorObject> RestAtController,
        IReadOnlyList<MirrorObject> RestAtDme)
    {
        public static async Task<Views> TakeAsync(DemoWorld demo, NodeProcess top, NodeProcess leaf, CancellationToken cancellationToken)
        {
            var controller = await demo.Client(top).ListAsync(0, cancellationToken, DynamicTypes);
            var dme = await demo.Client(leaf).ListAsync(0, cancellationToken, DynamicTypes);
            return new Views(
                Published.All(controller),
                Published.All(dme),
                Published.Of(controller, Deployment.Home),
                Published.Of(controller, Deployment.Home, butThose: true),
                Published.Of(dme, Deployment.Home, butThose: true));
        }

        private static readonly string[] DynamicTypes = ["AppInstInfo", "ClusterInstInfo", "CloudletInfo", "VMPoolInfo", "Alert", "Node"];
    }
}
