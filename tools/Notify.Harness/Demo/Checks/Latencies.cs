namespace Notify.Harness.Demo.Checks;

/// <summary>Quantiles of measured times.</summary>
internal static class Latencies
{
    /// <summary>The time that a part of the samples does not exceed: the nearest rank.</summary>
    /// <param name="part">Above 0 and up to 1.</param>
    /// <exception cref="ArgumentException">There are no samples.</exception>
    public static TimeSpan Quantile(IReadOnlyCollection<TimeSpan> samples, double part)
    {
        if (samples.Count == 0)
            throw new ArgumentException("There are no samples.", nameof(samples));
        var sorted = samples.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>Milliseconds for people.</summary>
    public static string Text(TimeSpan time) => $"{time.TotalMilliseconds:0.0} ms";
}
