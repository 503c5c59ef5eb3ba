using System.Globalization;
using Notify.Edge;
using Notify.Hosting;

namespace Notify.Controller;

/// <summary>Keeps the latest of each series of metrics that nodes send, for who asks with the debug command <c>metrics</c>. Thread safe.</summary>
internal sealed class ReceivedMetrics
{
    private const int SeriesMax = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Metric> _latest = new(StringComparer.Ordinal);

    public ReceivedMetrics() => Command = new DebugCommand("metrics", Lines);

    public DebugCommand Command { get; }

    /// <summary>Takes a metric that a node has sent.</summary>
    public void Add(string node, Metric metric)
    {
        var tags = string.Concat(metric.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $" {tag.Key}={tag.Value}"));
        var cloudlet = metric.CloudletKey is { } key ? $" {key.Organization}/{key.Name}" : "";
        var series = $"{node} {metric.Name}{cloudlet}{tags}";
        lock (_lock)
        {
            if (_latest.Count >= SeriesMax && !_latest.ContainsKey(series))
            {
                _latest.Clear(); // Those that are still sent are back after their interval.
            }

            _latest[series] = metric;
        }
    }

    private List<string> Lines()
    {
        lock (_lock)
        {
            return [.. _latest.OrderBy(series => series.Key, StringComparer.Ordinal).Select(series => $"{series.Key}: {Values(series.Value)}")];
        }
    }

    private static string Values(Metric metric)
    {
        var values = metric.Values.OrderBy(value => value.Key, StringComparer.Ordinal)
            .Select(value => string.Create(CultureInfo.InvariantCulture, $"{value.Key} {value.Value}"));
        var takenAt = metric.TakenAt is { } time ? string.Create(CultureInfo.InvariantCulture, $", {time.ToDateTime():yyyy-MM-dd'T'HH:mm:ss'Z'}") : "";
        return string.Join(", ", values) + takenAt;
    }
}
