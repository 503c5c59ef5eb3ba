using System.Diagnostics;
using Notify.Harness.Demo.Processes;

namespace Notify.Harness.Demo.Checks.Tree;

/// <summary>
/// The controller with the relay is killed while something writes. The nodes that it had are at the other within two seconds, with nothing sent again
/// that they had; writes go on there, and nothing that resource managers published goes anywhere.
/// </summary>
internal static class ControllerKillCheck
{
    private static readonly TimeSpan ElsewhereWithin = TimeSpan.FromSeconds(2);

    public static async Task<string> RunAsync(TreeDeployment demo, CancellationToken cancellationToken)
    {
        var killed = await demo.ControllerOfAsync(demo.Relay, cancellationToken);
        List<NodeProcess> moving = [];
        foreach (var node in demo.Movers)
        {
            if (await demo.ControllerOfAsync(node, cancellationToken) == killed)
                moving.Add(node);
        }

        var counters = await NodeCounters.TakeAsync(demo, cancellationToken);
        await using var first = await NodeWatch.StartAsync(demo.Client(demo.Dmes[0]), [], cancellationToken);
        await using var second = await NodeWatch.StartAsync(demo.Client(demo.Dmes[1]), [], cancellationToken);
        await using LoadWriter writer = new(demo, cancellationToken);
        var written = writer.Acknowledged;
        var killedAt = DateTimeOffset.UtcNow;
        await killed.KillAsync();
        List<TimeSpan> times = [];
        foreach (var node in moving)
            times.Add(await demo.IsAtAsync(node, demo.Other(killed), cancellationToken) - killedAt);
        if (times.Max() > ElsewhereWithin)
            throw new CheckFailedException($"the last of {moving.Count} nodes was elsewhere after {times.Max().TotalSeconds:0.00} s");
        await Until.HoldsAsync(
            TimeSpan.FromSeconds(30),
            () => Task.FromResult(writer.Acknowledged > written + 20 ? null : $"{writer.Acknowledged - written} writes after the kill"),
            cancellationToken);
        await writer.FinishAsync(cancellationToken);
        var clock = Stopwatch.StartNew();
        await killed.RestartAsync(cancellationToken);
        await ConvergeCheck.HoldsAsync(demo, cancellationToken);
        await ConvergeCheck.ReadyAsync(demo, cancellationToken);
        var back = clock.Elapsed;
        await NodeCounters.EqualAsync(demo, counters, cancellationToken);
        foreach (var watched in (NodeWatch[])[first, second])
        {
            if (watched.Events.Removals > 0)
                throw new CheckFailedException($"{watched.Events.Removals} objects went at a matching engine, first {watched.Events.FirstRemoval}");
        }

        return $"{string.Join(", ", moving.Select(node => node.Name))} elsewhere after {string.Join(", ", times.Select(Latencies.Text))}, 0 full syncs, 0 sent again, "
            + $"0 removals; {writer.Acknowledged} writes acknowledged, longest gap {writer.Gap.TotalSeconds:0.0} s; {killed.Name} up and equal after {back.TotalSeconds:0.0} s";
    }
}
