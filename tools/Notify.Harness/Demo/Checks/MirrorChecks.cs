using Notify.Harness.Demo.Nodes;
using Notify.Harness.Demo.Processes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks;

/// <summary>Steps 1, 2 and 4: what each mirror must hold of the store.</summary>
internal static class MirrorChecks
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Loads the world and compares what the controller has with the files.</summary>
    public static async Task<string> LoadAsync(DemoWorld demo, CancellationToken cancellationToken)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var revision = await demo.LoadAsync((_, _) => { }, cancellationToken);
        var time = watch.Elapsed;
        await HoldsAsync(demo, demo.Controller, demo.Oracle.All, revision, cancellationToken);
        var cloudlets = demo.Oracle.OfTypes("Cloudlet").Count;
        if (cloudlets < 300 || demo.Oracle.All.Count < 5000)
            throw new CheckFailedException($"the world has {cloudlets} cloudlets and {demo.Oracle.All.Count} objects, 300 and 5000 are wanted");
        return $"{demo.Oracle.All.Count} objects, {cloudlets} cloudlets, revision {revision}, {time.TotalSeconds:0.0} s";
    }

    /// <summary>Each leaf holds what the files say, no more and no less.</summary>
    public static async Task<string> LeavesAsync(Deployment demo, CancellationToken cancellationToken)
    {
        var revision = await HeadAsync(demo, cancellationToken);
        var home = demo.Oracle.ExpectedForCloudlet(Deployment.Home.Organization, Deployment.Home.Name);
        var away = demo.Oracle.ExpectedForCloudlet(Deployment.Away.Organization, Deployment.Away.Name);
        var dme = demo.Oracle.ExpectedForDme();
        await HoldsAsync(demo, demo.HomeCrm, home, revision, cancellationToken);
        await HoldsAsync(demo, demo.AwayCrm, away, revision, cancellationToken);
        await HoldsAsync(demo, demo.Dme, dme, revision, cancellationToken);
        return $"{demo.HomeCrm.Name} {home.Count}, {demo.AwayCrm.Name} {away.Count}, {demo.Dme.Name} {dme.Count} objects";
    }

    /// <summary>An instance moves by an update; its App had no other referrer at the first site.</summary>
    public static async Task<string> MoveAsync(Deployment demo, CancellationToken cancellationToken)
    {
        var move = Moves.Choose(demo.Oracle, demo.WorldFolder, Deployment.Home, Deployment.Away);
        var before = demo.Oracle.ExpectedForCloudlet(Deployment.Home.Organization, Deployment.Home.Name);
        var instance = demo.Oracle.Put(EdgeObjects.Sample(move.After));
        var home = demo.Oracle.ExpectedForCloudlet(Deployment.Home.Organization, Deployment.Home.Name);
        var away = demo.Oracle.ExpectedForCloudlet(Deployment.Away.Organization, Deployment.Away.Name);
        var left = before.Select(o => (o.Type, o.Key)).Except(home.Select(o => (o.Type, o.Key))).ToList();
        if (left.Count(o => o.Type is "App") != 1 || !away.Contains(instance))
            throw new CheckFailedException($"the files make no such move: {string.Join(", ", left)} would leave");

        var watch = System.Diagnostics.Stopwatch.StartNew();
        var revision = (await demo.Client(demo.Controller).CommitAsync([NodeClient.Put(move.After)], cancellationToken)).Revision;
        var gone = HoldsAsync(demo, demo.HomeCrm, home, revision, cancellationToken);
        var there = HoldsAsync(demo, demo.AwayCrm, away, revision, cancellationToken);
        await Task.WhenAll(gone, there);
        var time = watch.Elapsed;
        await HoldsAsync(demo, demo.Dme, demo.Oracle.ExpectedForDme(), revision, cancellationToken);
        return $"{move.After.Key.Name} with App {move.After.AppKey.Name} gone from {Deployment.Home.Name} and there in {Deployment.Away.Name} after {Latencies.Text(time)}";
    }

    /// <summary>The newest revision of the store.</summary>
    public static async Task<long> HeadAsync(DemoWorld demo, CancellationToken cancellationToken) =>
        (await demo.Client(demo.Controller).ListAsync(0, cancellationToken, "Settings")).Position.StoredRevision;

    /// <summary>Waits until a node, at a revision or after it, holds these objects of the store and no others.</summary>
    /// <exception cref="CheckFailedException">It does not; the message has the difference.</exception>
    public static Task<TimeSpan> HoldsAsync(
        DemoWorld demo, NodeProcess node, IEnumerable<MirrorObject> expected, long revision, CancellationToken cancellationToken) =>
        Until.HoldsAsync(Limit, async () =>
        {
            var listing = await demo.Client(node).ListAsync(revision, cancellationToken);
            // A mirror that is being filled has to be waited for; one that says it is complete at the revision has to be right.
            var difference = MirrorDifference.Between(expected, listing.Stored);
            return difference.IsEmpty && listing.Position.Synced ? null : $"{node.Name} at revision {listing.Position.StoredRevision}, "
                + $"{(listing.Position.Synced ? "synced" : "not synced")}: {difference}";
        }, cancellationToken);
}
