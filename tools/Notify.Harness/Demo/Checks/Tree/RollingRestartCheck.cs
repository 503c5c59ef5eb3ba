using System.Diagnostics;

namespace Notify.Harness.Demo.Checks.Tree;

/// <summary>Each controller is stopped and started again while something writes: no node is sent anything that it has, nothing is flushed, no write is lost.</summary>
internal static class RollingRestartCheck
{
    public static async Task<string> RunAsync(TreeDeployment demo, CancellationToken cancellationToken)
    {
        var counters = await NodeCounters.TakeAsync(demo, cancellationToken);
        await using var first = await NodeWatch.StartAsync(demo.Client(demo.Dmes[0]), [], cancellationToken);
        await using var second = await NodeWatch.StartAsync(demo.Client(demo.Dmes[1]), [], cancellationToken);
        await using LoadWriter writer = new(demo, cancellationToken);
        var clock = Stopwatch.StartNew();
        List<string> times = [];
        foreach (var controller in demo.Controllers)
        {
            var time = await DrainCheck.StopAsync(demo, controller, cancellationToken);
            await controller.RestartAsync(cancellationToken);
            times.Add($"{controller.Name} stopped after {time.TotalSeconds:0.0} s");
        }

        var all = clock.Elapsed;
        await writer.FinishAsync(cancellationToken);
        await ConvergeCheck.HoldsAsync(demo, cancellationToken);
        await ConvergeCheck.ReadyAsync(demo, cancellationToken);
        await NodeCounters.EqualAsync(demo, counters, cancellationToken);
        foreach (var watched in (NodeWatch[])[first, second])
        {
            if (watched.Events.Removals > 0)
                throw new CheckFailedException($"{watched.Events.Removals} objects went at a matching engine, first {watched.Events.FirstRemoval}");
        }

        if (writer.Acknowledged < 20)
            throw new CheckFailedException($"{writer.Acknowledged} writes are no load");
        return $"{string.Join(", ", times)}, {all.TotalSeconds:0.0} s together; {writer.Acknowledged} writes acknowledged, longest gap {writer.Gap.TotalSeconds:0.0} s; "
            + "0 full syncs, 0 sent again, 0 removals";
    }
}
