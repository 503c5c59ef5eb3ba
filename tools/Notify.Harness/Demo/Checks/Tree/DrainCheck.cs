using System.Diagnostics;
using Notify.Harness.Demo.Processes;

namespace Notify.Harness.Demo.Checks.Tree;

/// <summary>The controller with the relay is told to stop: when it has, its nodes are at the other, and no mirror has shown anything of it.</summary>
internal static class DrainCheck
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    public static async Task<string> RunAsync(TreeDeployment demo, CancellationToken cancellationToken)
    {
        var stopped = await demo.ControllerOfAsync(demo.Relay, cancellationToken);
        var counters = await NodeCounters.TakeAsync(demo, cancellationToken);
        await using var first = await NodeWatch.StartAsync(demo.Client(demo.Dmes[0]), [], cancellationToken);
        await using var second = await NodeWatch.StartAsync(demo.Client(demo.Dmes[1]), [], cancellationToken);
        await using var home = await NodeWatch.StartAsync(demo.Client(demo.HomeCrm), [], cancellationToken);
        var time = await StopAsync(demo, stopped, cancellationToken);
        await ConvergeCheck.ReadyAsync(demo, cancellationToken);
        foreach (var (node, watched) in demo.Dmes.Append(demo.HomeCrm).Zip([first, second, home]))
        {
            if (watched.Events.Total > 0)
                throw new CheckFailedException($"{watched.Events.Total} events at {node.Name}, first {watched.Events.First}");
        }

        await NodeCounters.EqualAsync(demo, counters, cancellationToken);
        await stopped.RestartAsync(cancellationToken);
        await ConvergeCheck.HoldsAsync(demo, cancellationToken);
        return $"{stopped.Name} stopped after {time.TotalSeconds:0.0} s with every node elsewhere; 0 events, 0 full syncs, 0 sent again";
    }

    /// <summary>Stops a controller, which has to end cleanly with all its nodes gone to the other.</summary>
    public static async Task<TimeSpan> StopAsync(TreeDeployment demo, NodeProcess controller, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var code = await controller.StopAsync(StopLimit, cancellationToken);
        var time = clock.Elapsed;
        if (code != 0)
            throw new CheckFailedException($"{controller.Name} ended with {code}");
        foreach (var node in demo.Movers)
        {
            if (await demo.ControllerOfAsync(node, cancellationToken) == controller)
                throw new CheckFailedException($"{node.Name} was not elsewhere when {controller.Name} ended, after {time.TotalSeconds:0.0} s");
            await demo.IsAtAsync(node, demo.Other(controller), cancellationToken);
        }

        return time;
    }
}
