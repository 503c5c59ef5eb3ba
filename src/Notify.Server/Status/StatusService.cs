using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Server.Transport;

namespace Notify.Server.Status;

/// <summary>Serves <c>notify.v1.Status</c>. Thread safe.</summary>
/// <param name="capture">
/// Says what the node's state is now, in a message of its own each time; called once per answer, from any thread.
/// <see cref="MirrorStatus"/> fills in what the mirror knows.
/// </param>
/// <param name="timeProvider">The clock of the intervals.</param>
public sealed class StatusService(Func<NodeStatus> capture, TimeProvider timeProvider)
{
    private static readonly TimeSpan IntervalMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan IntervalMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan IntervalDefault = TimeSpan.FromSeconds(1);

    internal Task<NodeStatus> GetAsync(GetStatusRequest request, ServerCall call) => Task.FromResult(capture());

    internal async Task WatchAsync(WatchStatusRequest request, IMessageWriter<NodeStatus> responses, ServerCall call)
    {
        var interval = IntervalOf(request);
        NodeStatus? last = null;
        while (true)
        {
            var now = capture();
            if (!now.Equals(last))
            {
                responses.Write(now);
                await responses.FlushAsync(call.CancellationToken).ConfigureAwait(false);
                last = now;
            }

            await Task.Delay(interval, timeProvider, call.CancellationToken).ConfigureAwait(false);
        }
    }

    private static TimeSpan IntervalOf(WatchStatusRequest request)
    {
        if (request.Interval is not { } asked)
        {
            return IntervalDefault;
        }

        // The well-known type's own conversion throws on what is out of its range.
        var interval = new Duration { Seconds = Math.Clamp(asked.Seconds, 0, 3600), Nanos = Math.Clamp(asked.Nanos, 0, 999_999_999) }.ToTimeSpan();
        return interval < IntervalMin ? IntervalMin : interval > IntervalMax ? IntervalMax : interval;
    }
}
