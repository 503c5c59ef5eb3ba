using System.Diagnostics;
using Notify.Harness.Demo.Nodes;

namespace Notify.Harness.Demo.Checks;

/// <summary>The checks of <c>demo --check</c>, in an order that lets each find a whole deployment: the controller is killed last.</summary>
internal static class DemoChecks
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Runs all of them.</summary>
    /// <returns>0 if all passed, else 1.</returns>
    public static async Task<int> RunAsync(Deployment demo, TextWriter output, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        CheckRun run = new(output, Limit);
        var started = await run.RunAsync("start a controller, two CRMs and a DME", async stop =>
        {
            await demo.StartAsync(stop);
            return $"{demo.Nodes.Count} processes, {watch.Elapsed.TotalSeconds:0.0} s";
        }, cancellationToken);
        if (started)
        {
            await using EmbeddedLeaf leaf = new("dme-embedded", demo.Line.Address, Deployment.HeartbeatTimeout);
            await RunAsync(run, demo, leaf, cancellationToken);
        }

        var last = $"{run.Passed} passed, {run.Failed} failed, {watch.Elapsed.TotalSeconds:0.0} s";
        await output.WriteLineAsync(last);
        if (run.Failed > 0)
            await ExplainAsync(demo);
        return run.Failed == 0 ? 0 : 1;
    }

    private static async Task RunAsync(CheckRun run, Deployment demo, EmbeddedLeaf leaf, CancellationToken cancellationToken)
    {
        (string What, Func<CancellationToken, Task<string>> Check)[] checks =
        [
            ("load the world", stop => MirrorChecks.LoadAsync(demo, stop)),
            ("each CRM holds its cloudlet and what that refers to, the DME every instance", stop => MirrorChecks.LeavesAsync(demo, stop)),
            ("500 transactions over two types are seen whole", stop => new CounterCheck(demo, leaf).RunAsync(stop)),
            ("an instance moves, its App leaves", stop => MirrorChecks.MoveAsync(demo, stop)),
            ("state of the CRMs goes up", stop => PublishedChecks.GoesUpAsync(demo, stop)),
            ("kill -9 of a CRM flushes exactly its objects", stop => PublishedChecks.KillAsync(demo, stop)),
            ("a CRM that freezes is flushed and comes back", stop => PublishedChecks.FreezeAsync(demo, stop)),
            ("a cut line changes nothing, a healed one raises the real differences", stop => new CutCheck(demo, leaf).RunAsync(stop)),
            ("a request reaches the right CRM and its reply comes back", stop => ExecCheck.RunAsync(demo, stop)),
            ("a controller killed while it commits has every acknowledged commit", stop => new RestartCheck(demo).RunAsync(stop)),
            ("FindCloudlet answers while the controller is killed and after", stop => FindCheck.RunAsync(demo, stop)),
        ];
        foreach (var (what, check) in checks)
            await run.RunAsync(what, check, cancellationToken);
    }

    /// <summary>What the processes wrote last, to standard error.</summary>
    public static async Task ExplainAsync(DemoWorld demo)
    {
        foreach (var node in demo.Nodes)
        {
            await Console.Error.WriteLineAsync($"--- the last lines of {node.Name}{(node.IsRunning ? "" : " (not running)")}");
            foreach (var line in node.Output.Lines.TakeLast(15))
                await Console.Error.WriteLineAsync(line);
        }
    }
}
