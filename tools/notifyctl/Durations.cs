using System.Globalization;

namespace Notify.Ctl;

/// <summary>Lengths of time as people write them.</summary>
internal static class Durations
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary>Takes <c>500ms</c>, <c>10s</c>, <c>1.5m</c>, <c>1h</c>.</summary>
    /// <exception cref="CtlException">It is none of them, not above 0, or longer than a day.</exception>
    public static TimeSpan Parse(string text, string source)
    {
        foreach (var (unit, seconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number * seconds is >= 0.001 and <= 86_400)
            {
                return TimeSpan.FromSeconds(number * seconds);
            }
        }
        throw new CtlException(ExitCode.Usage, $"'{text}' ({source}) is no length of time.", "Write for instance 500ms, 10s, 2m or 1h; at most a day.");
    }

    public static string Format(TimeSpan time)
    {
        var seconds = time.TotalSeconds;
        return seconds < 1 ? $"{(time.TotalMilliseconds).ToString("0.#", CultureInfo.InvariantCulture)}ms" : $"{seconds.ToString("0.#", CultureInfo.InvariantCulture)}s";
    }
}
