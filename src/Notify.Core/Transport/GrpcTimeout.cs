using System.Globalization;

namespace Notify.Core.Transport;

/// <summary>
/// The <c>grpc-timeout</c> header: at most eight digits and a unit (H, M, S, m, u, n), as the gRPC over HTTP/2 protocol has it.
/// </summary>
public static class GrpcTimeout
{
    private const long ValueMax = 99_999_999;

    /// <summary>Formats a timeout in the finest unit that holds it, rounded up so that the peer never waits less. Negative is zero.</summary>
    public static string Format(TimeSpan timeout)
    {
        var ticks = Math.Max(0, timeout.Ticks);
        // The clock ticks are 100 ns; a unit of nanoseconds would hold 0.1 s only and gains nothing.
        return InUnit(ticks, TimeSpan.TicksPerMicrosecond, 'u')
            ?? InUnit(ticks, TimeSpan.TicksPerMillisecond, 'm')
            ?? InUnit(ticks, TimeSpan.TicksPerSecond, 'S')
            ?? InUnit(ticks, TimeSpan.TicksPerMinute, 'M')
            ?? InUnit(ticks, TimeSpan.TicksPerHour, 'H')
            ?? "99999999H";
    }

    /// <summary>Reads a header value. False where it is not of the form that the protocol gives.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return false;
        long ticks;
        switch (text[^1])
        {
            case 'H':
                ticks = value * TimeSpan.TicksPerHour;
                break;
            case 'M':
                ticks = value * TimeSpan.TicksPerMinute;
                break;
            case 'S':
                ticks = value * TimeSpan.TicksPerSecond;
                break;
            case 'm':
                ticks = value * TimeSpan.TicksPerMillisecond;
                break;
            case 'u':
                ticks = value * TimeSpan.TicksPerMicrosecond;
                break;
            case 'n':
                ticks = DivideUp(value, TimeSpan.NanosecondsPerTick);
                break;
            default:
                return false;
        }
        timeout = new TimeSpan(ticks);
        return true;
    }

    private static string? InUnit(long ticks, long ticksPerUnit, char unit)
    {
        var value = DivideUp(ticks, ticksPerUnit);
        return value <= ValueMax ? value.ToString(CultureInfo.InvariantCulture) + unit : null;
    }

    private static long DivideUp(long value, long divisor) => (value / divisor) + (value % divisor == 0 ? 0 : 1);
}
