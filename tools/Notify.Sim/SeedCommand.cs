using System.Text.Json;
using Notify.Simulation.Running;

namespace Notify.Sim;

/// <summary>Runs seeds, prints what failed and the figures of the run.</summary>
internal static class SeedCommand
{
    private const int ReportsMax = 3;
    private const int LinesMax = 40;

    public static int Run(SimArguments arguments)
    {
        if (arguments.IsSingle && arguments.Trace)
        {
            Console.WriteLine(FailureReport.Of(
                arguments.FirstSeed, arguments.Era, arguments.Whole ? TimeSpan.Zero : TimeSpan.FromSeconds(arguments.ShrinkSeconds), int.MaxValue));
        }

        var bar = new ProgressBar("seeds");
        var (done, failed) = (0L, 0L);
        var run = new SeedRun(arguments.FirstSeed, arguments.Seeds)
        {
            Era = arguments.Era,
            Threads = arguments.Threads,
            StopsAtViolation = arguments.Stop,
            Patience = arguments.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue,
            Ended = result =>
            {
                var count = Interlocked.Increment(ref done);
                if (result.Violation is not null)
                {
                    Interlocked.Increment(ref failed);
                }

                bar.Show(arguments.Seconds is null ? (double)count / arguments.Seeds : 0, $"{count} done, {Interlocked.Read(ref failed)} failed");
            },
        }.Run();
        bar.Clear();
        var summary = new RunSummary(run);
        Print(arguments, summary);
        if (arguments.Json is { } file)
        {
            File.WriteAllText(file, ToJson(summary));
        }

        Console.WriteLine($"{run.Results.Count} seeds, {summary.Violations.Count} violations");
        return summary.Violations.Count == 0 && summary.Problems.Count == 0 && run.Results.Count > 0 ? 0 : 1;
    }

    private static void Print(SimArguments arguments, RunSummary summary)
    {
        if (arguments.Hash)
        {
            foreach (var result in summary.Run.Results)
            {
                Console.WriteLine($"{result.Seed} {result.TraceHash:x16}");
            }
        }

        if (!(arguments.IsSingle && arguments.Trace) && arguments.ShrinkSeconds > 0)
        {
            foreach (var failure in summary.Violations.Take(ReportsMax))
            {
                Console.WriteLine(FailureReport.Of(failure.Seed, arguments.Era, TimeSpan.FromSeconds(arguments.ShrinkSeconds), linesMax: 40));
            }
        }

        foreach (var failure in summary.Violations.Take(LinesMax))
        {
            Console.WriteLine($"seed {failure.Seed}: {failure.Violation!.ToString().Split('\n')[0]}");
        }

        Console.WriteLine(
            $"medians: {summary.MedianNodes} nodes, {summary.MedianFrames} frames, {summary.MedianSessions} sessions, {summary.MedianChecks} views judged; "
            + $"{summary.SeedsPerSecond:0.0} seeds/s; commit {FailureReport.Commit}");
        if (summary.IsSmall)
        {
            Console.WriteLine("Too few seeds to judge how full the worlds were.");
        }
        else
        {
            Console.WriteLine("faults, share of seeds: " + string.Join(", ", summary.Fired.Select(fired => $"{fired.Key} {fired.Value:P0}")));
        }

        foreach (var problem in summary.Problems)
        {
            Console.WriteLine(problem);
        }
    }

    private static string ToJson(RunSummary summary) => JsonSerializer.Serialize(
        new
        {
            commit = FailureReport.Commit,
            firstSeed = summary.Run.FirstSeed,
            seeds = summary.Run.Results.Count,
            seconds = Math.Round(summary.Run.Elapsed.TotalSeconds, 1),
            seedsPerSecond = Math.Round(summary.SeedsPerSecond, 1),
            medianNodes = summary.MedianNodes,
            medianFrames = summary.MedianFrames,
            medianSessions = summary.MedianSessions,
            medianViewsJudged = summary.MedianChecks,
            faults = summary.Fired.ToDictionary(fired => fired.Key.ToString(), fired => Math.Round(fired.Value, 4)),
            problems = summary.Problems,
            violations = summary.Violations.Select(result => new
            {
                seed = result.Seed,
                checker = result.Violation!.Checker,
                atMs = result.Violation.AtMs,
                what = result.Violation.What,
            }),
        },
        s_json);

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };
}
