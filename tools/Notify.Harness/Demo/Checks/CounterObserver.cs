using System.Diagnostics;

namespace Notify.Harness.Demo.Checks;

/// <summary>Notes which counters somebody saw, and when. For one caller of <see cref="See"/> at a time.</summary>
internal sealed class CounterObserver(string name, int counterMax)
{
    private readonly long[] _seenAt = new long[counterMax + 1];
    private long _last = -1;

    public string Name { get; } = name;

    /// <summary>The newest counter seen, or -1.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>How many different counters were seen.</summary>
    public int Distinct { get; private set; }

    /// <summary>The first time that the two objects disagreed, or the counter went back.</summary>
    public (long App, long Instance)? Mismatch { get; private set; }

    /// <summary>Notes what the two objects said in one view.</summary>
    public void See(long app, long instance)
    {
        if (app != instance || app < _last)
            Mismatch ??= (app, instance);
        if (app == _last || app < 0 || app > counterMax)
            return;
        if (_seenAt[app] == 0)
            Distinct++;
        _seenAt[app] = Stopwatch.GetTimestamp();
        Volatile.Write(ref _last, app);
    }

    /// <summary>The time from a moment until a counter, or one above it that took its place, was seen.</summary>
    public TimeSpan SeenAfter(int counter, long start)
    {
        while (counter < counterMax && _seenAt[counter] == 0)
            counter++;
        return Stopwatch.GetElapsedTime(start, _seenAt[counter]);
    }
}
