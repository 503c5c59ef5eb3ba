using Notify.Simulation.Plans;

namespace Notify.Simulation.Running;

/// <summary>The figures of a run, and whether its worlds were full enough to count.</summary>
internal sealed class RunSummary
{
    private const int NodesMin = 12;
    private const int FramesMin = 2_000;
    private const double FiredMin = 0.05;

    /// <summary>Shares of fewer seeds are chance.</summary>
    private const int SeedsMin = 200;

    public RunSummary(SeedRun run)
    {
        Run = run;
        Violations = [.. run.Results.Where(result => result.Violation is not null)];
        var counted = run.Results;
        MedianNodes = Median(counted.Select(result => (long)result.Nodes));
        MedianFrames = Median(counted.Select(result => result.DeliveredFrames));
        MedianSessions = Median(counted.Select(result => result.Sessions));
        MedianChecks = Median(counted.Select(result => result.Checks));
        Fired = PlanGenerator.KindsOf(run.Era).ToDictionary(
            kind => kind, kind => counted.Count == 0 ? 0 : (double)counted.Count(result => result.Fired.Contains(kind)) / counted.Count);
        Problems = [.. FindProblems()];
    }

    public SeedRun Run { get; }

    public IReadOnlyList<SeedResult> Violations { get; }

    public long MedianNodes { get; }

    public long MedianFrames { get; }

    public long MedianSessions { get; }

    public long MedianChecks { get; }

    /// <summary>The share of the seeds in which each kind of fault happened.</summary>
    public IReadOnlyDictionary<FaultKind, double> Fired { get; }

    public double SeedsPerSecond => Run.Results.Count / Run.Elapsed.TotalSeconds;

    /// <summary>The run is too small to judge how full its worlds were.</summary>
    public bool IsSmall => Run.Results.Count < SeedsMin;

    /// <summary>In what the worlds were too empty.</summary>
    public IReadOnlyList<string> Problems { get; }

    private IEnumerable<string> FindProblems()
    {
        if (IsSmall)
        {
            yield break;
        }

        if (MedianNodes < NodesMin)
        {
            yield return $"The median world has {MedianNodes} nodes, at least {NodesMin} are needed.";
        }

        if (MedianFrames < FramesMin)
        {
            yield return $"The median world delivers {MedianFrames} frames, at least {FramesMin} are needed.";
        }

        foreach (var (kind, share) in Fired.Where(fired => fired.Value < FiredMin))
        {
            yield return $"{kind} happened in {share:P1} of the seeds, at least {FiredMin:P0} are needed.";
        }
    }

    private static long Median(IEnumerable<long> values) => values.Order().ToArray() is { Length: > 0 } sorted ? sorted[sorted.Length / 2] : 0;
}
