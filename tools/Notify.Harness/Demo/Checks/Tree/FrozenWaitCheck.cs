using System.Diagnostics;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks.Tree;

/// <summary>A resource manager below the relay is frozen. A wait until all nodes have applied a commit names it and no other, and ends when it goes on.</summary>
internal static class FrozenWaitCheck
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<string> RunAsync(TreeDeployment demo, CancellationToken cancellationToken)
    {
        var above = await demo.ControllerOfAsync(demo.Relay, cancellationToken);
        var instance = (AppInst)EdgeObjects.Parse(SampleFiles.Read(demo.WorldFolder)
            .First(sample => sample.Type == "AppInst" && DemoWorld.Away.Key.Equals(((AppInst)EdgeObjects.Parse(sample)).CloudletKey)));
        instance.Uri = "while-frozen";
        string text;
        TimeSpan others;
        long revision;
        demo.AwayCrm.Freeze();
        try
        {
            revision = (await demo.Client(above).CommitAsync([NodeClient.Put(instance)], cancellationToken)).Revision;
            demo.Oracle.Put(EdgeObjects.Sample(instance));
            var clock = Stopwatch.StartNew();
            await demo.Client(above).WaitAsync(revision, $"{demo.Relay.Name},{demo.HomeCrm.Name}", Limit, cancellationToken);
            others = clock.Elapsed;
            text = await NamedAsync(demo.Client(above), revision, cancellationToken);
        }
        finally
        {
            demo.AwayCrm.Thaw();
        }

        if (!text.Contains(demo.AwayCrm.Name, StringComparison.Ordinal)
            || demo.Nodes.Except([demo.AwayCrm]).FirstOrDefault(node => text.Contains(node.Name, StringComparison.Ordinal)) is not null)
        {
            throw new CheckFailedException($"expected {demo.AwayCrm.Name} and no other to be named in '{text}'");
        }

        var watch = Stopwatch.StartNew();
        await demo.Client(above).WaitAsync(revision, "*", Limit, cancellationToken);
        var time = watch.Elapsed;
        await ConvergeCheck.HoldsAsync(demo, cancellationToken);
        return $"'{text}'; relay and other CRM after {Latencies.Text(others)}, all {Latencies.Text(time)} after it went on";
    }

    private static async Task<string> NamedAsync(NodeClient client, long revision, CancellationToken cancellationToken)
    {
        try
        {
            await client.WaitAsync(revision, "*", Short, cancellationToken);
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.DeadlineExceeded)
        {
            return e.Status.Detail;
        }

        throw new CheckFailedException("a wait ended although a node is frozen");
    }
}
