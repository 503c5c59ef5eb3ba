using Google.Protobuf.WellKnownTypes;
using Notify.Core.Transport;

namespace Notify.Server;

/// <summary>The time that a caller gives an answer which has to be waited for.</summary>
internal static class RequestTimeout
{
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Max = TimeSpan.FromHours(1);

    /// <exception cref="GrpcException">It is none, or too long.</exception>
    public static TimeSpan Of(Duration? asked)
    {
        if (asked is null)
        {
            return Default;
        }

        return asked is { Seconds: >= 0, Nanos: >= 0 and < 1_000_000_000 } && asked.Seconds <= Max.TotalSeconds
            ? asked.ToTimeSpan()
            : throw new GrpcException(GrpcStatusCode.InvalidArgument, $"timeout: must be from 0 to {Max.TotalSeconds} s.");
    }
}
