using System.Diagnostics;

namespace Notify.Harness.Demo.Checks.Tree;

/// <summary>The checks of <c>demo --tree --check</c>. Each finds a whole deployment, also after one that failed.</summary>
internal static class TreeChecks
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs all of them.</summary>
    /// <returns>0 if all passed, else 1.</returns>
    public static async Task<int> RunAsync(TreeDeployment demo, TextWriter output, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        CheckRun run = new(output, Limit);
        var started = await run.RunAsync($"start {demo.Title}", async stop =>
        {
            await demo.StartAsync(stop);
            return $"{demo.Nodes.Count + 1} processes, {watch.Elapsed.TotalSeconds:0.0} s";
        }, cancellationToken);
        (string What, Func<CancellationToken, Task<string>> Check)[] checks =
        [
            ("load the world", stop => MirrorChecks.LoadAsync(demo, stop)),
            ("every node holds what the files say, both controllers all of it", stop => ConvergeCheck.RunAsync(demo, stop)),
            ("a write at either controller is at every node at the same revision", stop => RevisionCheck.RunAsync(demo, stop)),
            ("kill -9 of a CRM below the relay is a flush at the other controller's DME", stop => OtherFlushCheck.RunAsync(demo, stop)),
            ("kill -9 of a controller: its nodes go on at the other", stop => ControllerKillCheck.RunAsync(demo, stop)),
            ("compaction while a controller and a DME are cut off raises the real differences", stop => CompactionCheck.RunAsync(demo, stop)),
            ("etcd frozen for 5 s: reads go on, writes say so, nothing is flushed", stop => new EtcdFreezeCheck(demo).RunAsync(stop)),
            ("a controller that is told to stop is left without a flap", stop => DrainCheck.RunAsync(demo, stop)),
            ("rolling restart of all controllers under load", stop => RollingRestartCheck.RunAsync(demo, stop)),
            ("a wait for all nodes names the one that is frozen", stop => FrozenWaitCheck.RunAsync(demo, stop)),
        ];
        if (started)
        {
            foreach (var (what, check) in checks)
            {
                if (!await run.RunAsync(what, check, cancellationToken))
                    await demo.RepairAsync(cancellationToken);
            }
        }

        await output.WriteLineAsync($"{run.Passed} passed, {run.Failed} failed, {watch.Elapsed.TotalSeconds:0.0} s");
        if (run.Failed > 0)
            await DemoChecks.ExplainAsync(demo);
        return run.Failed == 0 ? 0 : 1;
    }
}
