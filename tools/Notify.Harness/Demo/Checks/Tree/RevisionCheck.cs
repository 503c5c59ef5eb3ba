using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Edge;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Demo.Processes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks.Tree;

/// <summary>An instance is written at each controller; every node that wants it has that version under the revision of the commit.</summary>
internal static class RevisionCheck
{
    public static async Task<string> RunAsync(TreeDeployment demo, CancellationToken cancellationToken)
    {
        var instance = (AppInst)EdgeObjects.Parse(SampleFiles.Read(demo.WorldFolder)
            .First(sample => sample.Type == "AppInst" && DemoWorld.Home.Key.Equals(((AppInst)EdgeObjects.Parse(sample)).CloudletKey)));
        List<string> figures = [];
        foreach (var controller in demo.Controllers)
        {
            instance.Uri = "written-at-" + controller.Name;
            var clock = Stopwatch.StartNew();
            var revision = (await demo.Client(controller).CommitAsync([NodeClient.Put(instance)], cancellationToken)).Revision;
            demo.Oracle.Put(EdgeObjects.Sample(instance));
            // By the key's bytes: the relay does not know the type.
            var written = await demo.Client(controller).GetAsync(new ObjectName { Like = Any.Pack(instance) }, revision, cancellationToken);
            ObjectName name = new() { Type = AppInst.Descriptor.FullName, Key = written.Key };
            NodeProcess[] wanting = [.. demo.Controllers, demo.Relay, demo.HomeCrm, .. demo.Dmes];
            await Task.WhenAll(wanting.Select(node => HasAsync(demo, node, name, instance, revision, cancellationToken)));
            var time = clock.Elapsed;
            // Nothing for this one, but it knows how far it is.
            var position = (await demo.Client(demo.AwayCrm).ListAsync(revision, cancellationToken, "Settings")).Position;
            figures.Add($"revision {revision} of {controller.Name} at {wanting.Length} nodes after {Latencies.Text(time)}, {demo.AwayCrm.Name} at {position.StoredRevision}");
        }

        return string.Join("; ", figures);
    }

    private static async Task HasAsync(
        TreeDeployment demo, NodeProcess node, ObjectName name, AppInst instance, long revision, CancellationToken cancellationToken)
    {
        var held = await demo.Client(node).GetAsync(name, revision, cancellationToken);
        if (held.Revision != revision || !held.Value.Value.Equals(instance.ToByteString()))
            throw new CheckFailedException($"{node.Name} has {EdgeObjects.Unpack(held.Value)} of revision {held.Revision}, expected revision {revision}");
    }
}
