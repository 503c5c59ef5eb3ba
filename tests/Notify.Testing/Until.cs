using System.Diagnostics;
using Notify.Core.Caches;
using Xunit;

namespace Notify.Testing;

/// <summary>Waits for states of this process that nothing hands out a task for.</summary>
public static class Until
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until the handlers of a mirror have returned for everything that it shows now.</summary>
    public static async Task HandledAsync(Mirror mirror)
    {
        var number = mirror.Snapshot().Number;
        while (mirror.HandledNumber < number)
        {
            var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            mirror.WakeWhenHandled(() => news.TrySetResult());

            // Looked at again, now that a change wakes.
            if (mirror.HandledNumber < number)
            {
                await news.Task.WaitAsync(s_patience);
            }
        }
    }

    /// <summary>
    /// Waits until a number is as it should be that is counted for tests and operators to look at: who counts tells nobody, so it is looked at again
    /// and again.
    /// </summary>
    /// <param name="expected">What is waited for, for the message of the failure.</param>
    public static async Task CountAsync(string expected, Func<int> count, Func<int, bool> isExpected)
    {
        var start = Stopwatch.GetTimestamp();
        while (count() is var now && !isExpected(now))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < s_patience, $"{expected}: still {now} after {s_patience.TotalSeconds} s.");
            await Task.Yield();
        }
    }
}
