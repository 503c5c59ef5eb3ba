using System.Diagnostics;
using Notify.Core.Transport;

namespace Notify.Harness.Demo.Checks;

/// <summary>Waiting for a state of nodes that are elsewhere.</summary>
internal static class Until
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks again and again until a probe finds no problem, and gives the time that this took.</summary>
    /// <param name="probe">Null when the state is there, else what is wrong with it; a call that fails is asked again as well.</param>
    /// <exception cref="CheckFailedException">It was not there in time; the message has the last problem.</exception>
    public static async Task<TimeSpan> HoldsAsync(TimeSpan limit, Func<Task<string?>> probe, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            string? problem;
            try
            {
                problem = await probe();
            }
            catch (GrpcException e)
            {
                problem = e.Message;
            }

            if (problem is null)
                return watch.Elapsed;
            if (watch.Elapsed > limit)
                throw new CheckFailedException($"{problem} (waited {limit.TotalSeconds:0.#} s)");
            await Task.Delay(Interval, cancellationToken);
        }
    }
}
