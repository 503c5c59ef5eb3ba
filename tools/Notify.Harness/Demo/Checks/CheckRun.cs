using System.Diagnostics;

namespace Notify.Harness.Demo.Checks;

/// <summary>Runs checks one after the other and writes a line about each: <c>PASS what (figure)</c> or <c>FAIL what: why</c>.</summary>
/// <param name="output">For the lines.</param>
/// <param name="limit">For all checks together: what has not begun by then fails.</param>
internal sealed class CheckRun(TextWriter output, TimeSpan limit)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    /// <summary>Runs a check. A failure is a line and a count, no exception: later checks run all the same.</summary>
    /// <param name="check">Gives the figure.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled from outside.</exception>
    public async Task<bool> RunAsync(string what, Func<CancellationToken, Task<string>> check, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var rest = limit - _watch.Elapsed;
            if (rest <= TimeSpan.Zero)
                throw new CheckFailedException($"not tried, the {limit.TotalSeconds:0} s for all checks are over");
            over.CancelAfter(rest);
            var figure = await check(over.Token);
            Passed++;
            await WriteAsync($"PASS {what} ({figure})");
            return true;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // A call that is cancelled fails in many ways; none of them says anything about the check.
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            return await FailAsync(what, $"broken off, the {limit.TotalSeconds:0} s for all checks are over");
        }
        catch (Exception e)
        {
            // An unexpected exception is a failed check as well; its type helps to find where it came from.
            return await FailAsync(what, e is CheckFailedException ? e.Message : $"{e.GetType().Name}: {e.Message}");
        }
    }

    private async Task<bool> FailAsync(string what, string why)
    {
        Failed++;
        await WriteAsync($"FAIL {what}: {why.ReplaceLineEndings(" ")}");
        return false;
    }

    private async Task WriteAsync(string line)
    {
        await output.WriteLineAsync(line);
        await output.FlushAsync();
    }
}
