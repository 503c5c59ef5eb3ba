using Notify.Harness.Demo;
using Notify.Harness.Demo.Checks;

namespace Notify.Harness.Tests.Demo;

public sealed class CheckRunTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly StringWriter _output = new() { NewLine = "\n" };

    public void Dispose() => _output.Dispose();

    [Fact]
    public async Task Checks_PassAndFail_AreALineEachAndCounted()
    {
        CheckRun run = new(_output, Long);

        Assert.True(await run.RunAsync("one", _ => Task.FromResult("3 things"), default));
        Assert.False(await run.RunAsync("two", _ => throw new CheckFailedException("expected 1,\nactual 2"), default));
        Assert.False(await run.RunAsync("three", _ => throw new InvalidOperationException("oh"), default));

        Assert.Equal("PASS one (3 things)\nFAIL two: expected 1, actual 2\nFAIL three: InvalidOperationException: oh\n", _output.ToString());
        Assert.Equal((1, 2), (run.Passed, run.Failed));
    }

    [Fact]
    public async Task Check_WhenTheTimeIsOver_FailsAndSaysSo()
    {
        CheckRun run = new(_output, TimeSpan.FromMilliseconds(20));

        await run.RunAsync("hangs", async stop =>
        {
            await Task.Delay(Timeout.Infinite, stop);
            return "";
        }, default);
        await run.RunAsync("next", _ => Task.FromResult(""), default);

        Assert.Equal(
            "FAIL hangs: broken off, the 0 s for all checks are over\nFAIL next: not tried, the 0 s for all checks are over\n", _output.ToString());
    }

    [Fact]
    public async Task Check_CancelledFromOutside_IsNoResult()
    {
        CheckRun run = new(_output, Long);
        using CancellationTokenSource stop = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.RunAsync("one", async cancelled =>
        {
            await stop.CancelAsync();
            // What a call does whose caller cancelled it.
            throw new InvalidOperationException($"cancelled: {cancelled.IsCancellationRequested}");
        }, stop.Token));

        Assert.Equal("", _output.ToString());
    }

    [Fact]
    public void Quantile_IsTheNearestRank()
    {
        TimeSpan[] samples = [.. Enumerable.Range(1, 200).Reverse().Select(i => TimeSpan.FromMilliseconds(i))];

        Assert.Equal(TimeSpan.FromMilliseconds(100), Latencies.Quantile(samples, 0.5));
        Assert.Equal(TimeSpan.FromMilliseconds(198), Latencies.Quantile(samples, 0.99));
        Assert.Equal(TimeSpan.FromMilliseconds(200), Latencies.Quantile(samples, 1));
        Assert.Throws<ArgumentException>(() => Latencies.Quantile([], 0.5));
    }

    [Fact]
    public void Observer_NotesDistinctCounters_AndTheFirstMismatch()
    {
        CounterObserver observer = new("o", 10);

        observer.See(1, 1);
        observer.See(1, 1);
        observer.See(4, 4);
        Assert.Equal((2, 4, null), (observer.Distinct, observer.Last, observer.Mismatch));

        observer.See(5, 4);
        observer.See(3, 3);
        Assert.Equal((5, 4), observer.Mismatch);
    }

    [Fact]
    public void Observer_CounterThatWasMergedAway_CountsAsSeenWithTheNext()
    {
        CounterObserver observer = new("o", 10);
        var start = System.Diagnostics.Stopwatch.GetTimestamp();

        observer.See(1, 1);
        observer.See(4, 4);

        Assert.Equal(observer.SeenAfter(4, start), observer.SeenAfter(2, start));
        Assert.True(observer.SeenAfter(1, start) <= observer.SeenAfter(2, start));
    }
}
