using System.Reflection;
using System.Text;
using Notify.Simulation.Plans;

namespace Notify.Simulation.Running;

/// <summary>A failing seed for people: what went wrong, the smallest plan found that still fails so, and what happened in it.</summary>
internal static class FailureReport
{
    /// <summary>The commit that this was built from.</summary>
    public static string Commit { get; } =
        typeof(World).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion is { } version && version.Contains('+', StringComparison.Ordinal)
            ? version[(version.IndexOf('+', StringComparison.Ordinal) + 1)..]
            : "unknown";

    /// <param name="seed">The seed.</param>
    /// <param name="era">What worlds have in it.</param>
    /// <param name="patience">How long to cut the plan down; zero: not at all.</param>
    /// <param name="linesMax">How many lines of the trace, from its end.</param>
    public static string Of(long seed, int era, TimeSpan patience, int linesMax)
    {
        var plan = PlanGenerator.Generate(seed, era);
        var world = new World(plan, keepsTrace: patience == TimeSpan.Zero);
        world.Run();
        var text = new StringBuilder();
        text.AppendLine($"seed {seed}, era {era}, commit {Commit}");
        text.AppendLine(world.Violation is { } violation ? $"violation: {violation}" : "no violation");
        if (world.Violation is { } found && patience > TimeSpan.Zero)
        {
            var shrinker = new Shrinker(found.Checker, patience);
            var shrunk = shrinker.Shrink(plan);
            text.AppendLine($"cut down from {plan.Steps.Length} to {shrunk.Steps.Length} steps and from {plan.Nodes.Length} to {shrunk.Nodes.Length} nodes in {shrinker.Runs} runs");
            plan = shrunk;
            world = new World(plan, keepsTrace: true);
            world.Run();
        }

        text.AppendLine($"faults: {plan.Faults}");
        foreach (var node in plan.Nodes)
        {
            text.AppendLine($"node {node.Name}: {node.Schema} schema, versions {string.Join(',', node.Versions)}, {(node.IsRelay ? $"relay below {string.Join(' ', node.Upstreams)}" : node.IsHub ? "controller" : $"below {string.Join(' ', node.Upstreams)}, interest {node.Interest}")}");
        }

        foreach (var step in plan.Steps)
        {
            text.AppendLine($"plan {step}");
        }

        var lines = world.Trace.Lines;
        if (lines.Count > linesMax)
        {
            text.AppendLine($"... {lines.Count - linesMax} lines; --trace prints all");
        }

        foreach (var line in lines.Skip(Math.Max(0, lines.Count - linesMax)))
        {
            text.AppendLine(line);
        }

        return text.ToString();
    }
}
