using System.Diagnostics;
using Notify.Simulation.Plans;

namespace Notify.Simulation.Running;

/// <summary>Runs seeds on all cores: each world in one thread, none shares anything with another.</summary>
internal sealed class SeedRun(long firstSeed, long seedsMax)
{
    private readonly Lock _lock = new();
    private readonly List<SeedResult> _results = [];
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private long _next = firstSeed - 1;
    private volatile bool _isStopping;

    public long FirstSeed => firstSeed;

    public int Era { get; init; } = PlanGenerator.NewestEra;

    /// <summary>Ends the run after this time. The default value is never.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.MaxValue;

    /// <summary>Ends the run at the first violation.</summary>
    public bool StopsAtViolation { get; init; }

    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Called from any thread after each seed.</summary>
    public Action<SeedResult>? Ended { get; init; }

    public TimeSpan Elapsed { get; private set; }

    /// <summary>In the order of seeds.</summary>
    public IReadOnlyList<SeedResult> Results { get; private set; } = [];

    public SeedRun Run()
    {
        // Threads of their own have no synchronization context, so everything that worlds await goes on inline.
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(Work) { IsBackground = true }).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Elapsed = _watch.Elapsed;
        Results = [.. _results.OrderBy(result => result.Seed)];
        return this;
    }

    private void Work()
    {
        while (!_isStopping && _watch.Elapsed < Patience && Interlocked.Increment(ref _next) is var seed && seed < firstSeed + seedsMax)
        {
            var result = SeedResult.Of(seed, Era);
            lock (_lock)
            {
                _results.Add(result);
            }

            _isStopping |= StopsAtViolation && result.Violation is not null;
            Ended?.Invoke(result);
        }
    }
}
