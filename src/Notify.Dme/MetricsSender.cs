using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Hosting;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Edge;

namespace Notify.Dme;

/// <summary>Sends how many calls were answered to the top of the tree, as often as the deployment's settings say, and never without them.</summary>
internal sealed class MetricsSender : IHostedService, IDisposable
{
    private static readonly TimeSpan IntervalMin = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan IntervalMax = TimeSpan.FromDays(1);

    private readonly Mirror _mirror;
    private readonly MessageRouter _router;
    private readonly DmeService _service;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private MirrorSubscription? _settings;

    public MetricsSender(Mirror mirror, MessageRouter router, DmeService service, TimeProvider time)
    {
        (_mirror, _router, _service, _time) = (mirror, router, service, time);
        _timer = time.CreateTimer(static sender => ((MetricsSender)sender!).Send(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _settings = new SettingsCache(_mirror).Subscribe(change => Follow(change.New?.MetricsInterval));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _settings?.Dispose();
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _settings?.Dispose();
        _timer.Dispose();
    }

    private void Follow(Duration? setting)
    {
        // By hand: the conversion of the well-known type throws on what is out of its range.
        var interval = setting is null
            ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromSeconds(Math.Clamp(setting.Seconds + (setting.Nanos / 1e9), IntervalMin.TotalSeconds, IntervalMax.TotalSeconds));
        _timer.Change(interval, interval);
    }

    private void Send() => _router.Send(MessageTarget.Top, new Metric
    {
        Name = "find_cloudlet",
        TakenAt = Timestamp.FromDateTimeOffset(_time.GetUtcNow()),
        Values = { ["found_calls"] = _service.Found, ["not_found_calls"] = _service.NotFound },
    });
}
