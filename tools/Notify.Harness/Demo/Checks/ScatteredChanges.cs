using Google.Protobuf;
using Notify.Edge;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Demo.Processes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks;

/// <summary>Changes that nodes miss and have to find out about: 20 instances changed, 10 deleted, 10 created; others change and change back, or come and go.</summary>
internal static class ScatteredChanges
{
    /// <summary>Makes them, in the oracle too. None concerns a resource manager.</summary>
    /// <returns>The revision of the last commit.</returns>
    public static async Task<long> MakeAsync(DemoWorld demo, NodeProcess controller, CancellationToken cancellationToken)
    {
        var instances = SampleFiles.Read(demo.WorldFolder)
            .Where(sample => sample.Type == "AppInst")
            .Select(sample => (AppInst)EdgeObjects.Parse(sample))
            .Where(i => !i.CloudletKey.Equals(DemoWorld.Home.Key) && !i.CloudletKey.Equals(DemoWorld.Away.Key))
            .ToList();
        List<AppInst> changed = [.. instances.Take(20).Select(i => new AppInst(i) { Uri = "changed." + i.Uri })];
        List<AppInst> deleted = [.. instances.Skip(20).Take(10)];
        List<AppInst> created = [.. instances.Skip(30).Take(10).Select(i => new AppInst(i) { Key = new AppInstKey { Organization = "notify-demo", Name = "new-" + i.Key.Name } })];
        var wavering = instances[40];
        var passing = new AppInst(instances[41]) { Key = new AppInstKey { Organization = "notify-demo", Name = "came-and-went" } };

        var client = demo.Client(controller);
        await client.CommitAsync(
            [NodeClient.Put(new AppInst(wavering) { Uri = "for.a.moment" }), NodeClient.Put(passing), .. changed.Select(NodeClient.Put)], cancellationToken);
        await client.CommitAsync(
            [NodeClient.Put(wavering), NodeClient.Delete(passing), .. deleted.Select(NodeClient.Delete), .. created.Select(NodeClient.Put)], cancellationToken);
        // Nothing for a matching engine: it raises the revision only.
        var flavor = new Flavor { Key = new FlavorKey { Name = "notify-demo" }, RamMb = 1 };
        var other = await client.CommitAsync([NodeClient.Put(flavor)], cancellationToken);

        foreach (var put in changed.Concat(created).Append<IMessage>(flavor))
            demo.Oracle.Put(EdgeObjects.Sample(put));
        foreach (var gone in deleted)
            demo.Oracle.Delete("AppInst", (System.Text.Json.Nodes.JsonObject)EdgeObjects.Sample(gone).Fields["key"]!);
        return other.Revision;
    }
}
