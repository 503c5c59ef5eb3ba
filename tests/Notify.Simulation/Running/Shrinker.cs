using System.Collections.Immutable;
using System.Diagnostics;
using Notify.Simulation.Plans;

namespace Notify.Simulation.Running;

/// <summary>
/// Cuts a plan that fails down to one that still fails in the same way: fewer steps, fewer nodes, no delays. Plans are data, so a part of
/// one is one; what happens in it may differ from the whole, and it counts only if the same checker objects.
/// </summary>
internal sealed class Shrinker(string checker, TimeSpan patience)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public int Runs { get; private set; }

    public SimulationPlan Shrink(SimulationPlan plan)
    {
        plan = EndEarly(plan);
        plan = WithoutSteps(plan);
        foreach (var node in plan.Nodes.Where(node => !node.IsHub).ToArray())
        {
            plan = FirstThatFails(WithoutNode(plan, node.Name)) ?? plan;
        }

        plan = FirstThatFails(
            plan with { Faults = plan.Faults with { DelayMaxMs = 0 } },
            plan with { Faults = plan.Faults with { DelayMaxMs = 3 } }) ?? plan;
        plan = FirstThatFails(plan with { Faults = plan.Faults with { IsDurable = false } }) ?? plan;
        plan = FirstThatFails(plan with { Faults = plan.Faults with { FlushMaxMs = 0, LogFileBytes = 1 << 20, CheckpointBytes = 1 << 20 } }) ?? plan;
        plan = FirstThatFails(plan with { Faults = plan.Faults with { FrameBytes = 65536, WindowFrames = 16 } }) ?? plan;
        plan = FirstThatFails(plan with { Faults = plan.Faults with { TombstonesMax = 65536 } }) ?? plan;
        plan = FirstThatFails(plan with { Faults = plan.Faults with { ScopeMarkersMax = 1024 } }) ?? plan;
        plan = WithoutSteps(plan);
        return WithoutChanges(plan);
    }

    private SimulationPlan EndEarly(SimulationPlan plan)
    {
        var world = new World(plan);
        world.Run();
        var end = (int)Math.Min(plan.DurationMs, (world.Violation?.AtMs ?? plan.DurationMs) + 1);
        return FirstThatFails(plan with { Steps = [.. plan.Steps.Where(step => step.AtMs < end)] }) ?? plan;
    }

    private SimulationPlan WithoutSteps(SimulationPlan plan)
    {
        for (var size = Math.Max(1, plan.Steps.Length / 2); size >= 1 && !IsLate; size /= 2)
        {
            for (var at = 0; at < plan.Steps.Length && !IsLate;)
            {
                var less = plan with { Steps = plan.Steps.RemoveRange(at, Math.Min(size, plan.Steps.Length - at)) };
                if (Fails(less))
                {
                    plan = less;
                }
                else
                {
                    at += size;
                }
            }
        }

        return plan;
    }

    /// <summary>Takes single objects out of transactions.</summary>
    private SimulationPlan WithoutChanges(SimulationPlan plan)
    {
        for (var i = 0; i < plan.Steps.Length && !IsLate; i++)
        {
            var changes = Changes(plan.Steps[i]);
            for (var at = changes.Length - 1; at >= 0 && changes.Length > 1; at--)
            {
                var less = plan with { Steps = plan.Steps.SetItem(i, WithChanges(plan.Steps[i], changes.RemoveAt(at))) };
                if (Fails(less))
                {
                    (plan, changes) = (less, changes.RemoveAt(at));
                }
            }
        }

        return plan;
    }

    private static ImmutableArray<ObjectPlan> Changes(Step step) => step switch
    {
        Step.Commit commit => commit.Changes,
        Step.Publish publish when !publish.Changes.Any(change => change.Id.Type == SimTypes.Alarm) => publish.Changes,
        _ => [],
    };

    private static Step WithChanges(Step step, ImmutableArray<ObjectPlan> changes) => step switch
    {
        Step.Commit commit => commit with { Changes = changes },
        Step.Publish publish => publish with { Changes = changes },
        _ => step,
    };

    private static SimulationPlan WithoutNode(SimulationPlan plan, string name) => plan with
    {
        Nodes = plan.Nodes.RemoveAll(node => node.Name == name),
        Steps = plan.Steps.RemoveAll(step => step.NodeName == name),
    };

    private SimulationPlan? FirstThatFails(params IEnumerable<SimulationPlan> plans) => plans.FirstOrDefault(Fails);

    private bool Fails(SimulationPlan plan)
    {
        if (IsLate)
        {
            return false;
        }

        Runs++;
        var world = new World(plan);
        world.Run();
        return world.Violation?.Checker == checker;
    }

    private bool IsLate => _watch.Elapsed > patience;
}
