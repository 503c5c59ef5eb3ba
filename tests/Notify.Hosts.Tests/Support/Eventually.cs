using System.Diagnostics;

namespace Notify.Hosts.Tests.Support;

/// <summary>Waits for states of other processes. They cannot be awaited from here, so they are asked for again and again.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until the answer is the expected one; fails with the last answer.</summary>
    public static async Task EqualAsync<T>(T expected, Func<Task<T>> ask, string what)
    {
        var actual = await AskAsync(ask, answer => EqualityComparer<T>.Default.Equals(answer, expected));
        Assert.True(
            EqualityComparer<T>.Default.Equals(actual, expected), $"{what}: expected {expected} within {Patience.TotalSeconds} s, was {actual}.");
    }

    /// <summary>Asks until the answers, in any order, are the expected ones; fails with the difference.</summary>
    public static async Task SetAsync<T>(IEnumerable<T> expected, Func<Task<IReadOnlyCollection<T>>> ask, string what)
    {
        var wanted = expected.ToHashSet();
        var actual = await AskAsync(ask, wanted.SetEquals);
        Assert.True(
            wanted.SetEquals(actual),
            $"{what}, after {Patience.TotalSeconds} s:\n  missing: {Text(wanted.Except(actual))}\n  unexpected: {Text(actual.Except(wanted))}");
    }

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask, Func<T, bool> isDone)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var answer = await ask();
            if (isDone(answer) || watch.Elapsed > Patience)
            {
                return answer;
            }

            await Task.Delay(Pause);
        }
    }

    private static string Text<T>(IEnumerable<T> items) => string.Join(", ", items) is { Length: > 0 } text ? text : "nothing";
}
