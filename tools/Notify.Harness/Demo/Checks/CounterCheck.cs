using System.Diagnostics;
using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Edge;
using Notify.Harness.Demo.Nodes;

namespace Notify.Harness.Demo.Checks;

/// <summary>
/// Step 3: transactions write one counter into objects of two types, and between the two so much else that they never share a frame. Whoever
/// looks sees the same counter in both, or the transaction was torn.
/// </summary>
internal sealed class CounterCheck
{
    private const int Transactions = 500;
    private const int DistinctMin = 200;
    private const int Fillers = 18;
    private const int FillerBytes = 4 * 1024;

    // Slower than the nodes can go: a leaf may merge transactions that come faster than it looks, and 200 are to be seen apart.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(8);

    private readonly Deployment _demo;
    private readonly EmbeddedLeaf _leaf;
    private readonly App _app = new() { Key = new AppKey { Organization = "notify-demo", Name = "counter", Version = "1" } };
    private readonly AppInst _instance = new() { Key = new AppInstKey { Organization = "notify-demo", Name = "zz-counter" } };
    private readonly long[] _started = new long[Transactions + 1];
    private readonly CounterObserver _handlers = new("handlers", Transactions);
    private readonly CounterObserver _snapshots = new("snapshots", Transactions);
    private readonly CounterObserver _watch = new("watch of the dme", Transactions);

    public CounterCheck(Deployment demo, EmbeddedLeaf leaf)
    {
        (_demo, _leaf) = (demo, leaf);
        _instance.AppKey = _app.Key;
    }

    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await CommitAsync(0, cancellationToken);
        await Until.HoldsAsync(
            TimeSpan.FromSeconds(5),
            () => Task.FromResult(_leaf.Apps.Get(_app.Key) is null ? "the first counter did not arrive" : null),
            cancellationToken);
        using var subscription = _leaf.Mirror.Subscribe(OnChange, _leaf.Mirror.Snapshot());
        var polling = Task.Run(() => PollAsync(done.Token), cancellationToken);
        var watching = Task.Run(() => WatchAsync(done.Token), cancellationToken);
        await Until.HoldsAsync(
            TimeSpan.FromSeconds(5), () => Task.FromResult(_watch.Last < 0 ? "the watch of the dme showed nothing" : null), cancellationToken);
        await WriteAsync(cancellationToken);
        try
        {
            await Until.HoldsAsync(TimeSpan.FromSeconds(5), () => Task.FromResult(Unfinished()), cancellationToken);
        }
        finally
        {
            await done.CancelAsync();
            await Task.WhenAll(polling, watching);
        }

        await _demo.Client(_demo.Controller).CommitAsync(
            [.. Filling(0).Append(_instance).Append<Google.Protobuf.IMessage>(_app).Select(NodeClient.Delete)], cancellationToken);
        return Judge();
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        for (var counter = 1; counter <= Transactions; counter++)
        {
            var wait = (Pace * counter) - clock.Elapsed;
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, cancellationToken);
            _started[counter] = Stopwatch.GetTimestamp();
            await CommitAsync(counter, cancellationToken);
        }
    }

    private Task<CommitResponse> CommitAsync(int counter, CancellationToken cancellationToken)
    {
        _app.Generation = (ulong)counter;
        _instance.Generation = (ulong)counter;
        return _demo.Client(_demo.Controller).CommitAsync(
            [NodeClient.Put(_app), .. Filling(counter).Select(NodeClient.Put), NodeClient.Put(_instance)], cancellationToken);
    }

    /// <summary>More than 64 KiB, a frame's worth, of other objects, all of them new with each counter.</summary>
    private static IEnumerable<AppInst> Filling(int counter) => Enumerable.Range(0, Fillers).Select(i => new AppInst
    {
        Key = new AppInstKey { Organization = "notify-demo", Name = $"filling-{i:00}" },
        Uri = new string((char)('a' + ((counter + i) % 26)), FillerBytes),
        Generation = (ulong)counter,
    });

    private void OnChange(MirrorChange change)
    {
        // From the events and not from the view after them: an event that is missing would not show there.
        var app = change.Changes.FirstOrDefault(c => c.Id == _leaf.Apps.ObjectType.IdOf(_app.Key))?.New;
        var instance = change.Changes.FirstOrDefault(c => c.Id == _leaf.Instances.ObjectType.IdOf(_instance.Key))?.New;
        if (app is not null || instance is not null)
        {
            _handlers.See(
                app is null ? -1 : (long)_leaf.Apps.ObjectType.DecodeObject(app).Generation,
                instance is null ? -1 : (long)_leaf.Instances.ObjectType.DecodeObject(instance).Generation);
        }
    }

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var snapshot = _leaf.Mirror.Snapshot();
            _snapshots.See(
                (long)(_leaf.Apps.Get(_app.Key, snapshot)?.Generation ?? 0),
                (long)(_leaf.Instances.Get(_instance.Key, snapshot)?.Generation ?? 0));
            await Task.Delay(1, CancellationToken.None);
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        long app = 0, instance = 0;
        try
        {
            await foreach (var change in _demo.Client(_demo.Dme).WatchAsync(["App", "AppInst"], cancellationToken))
            {
                foreach (var put in change.Events.Where(e => e.Put is not null).Select(e => e.Put))
                {
                    var message = EdgeObjects.Unpack(put.Value);
                    if (message is App other && other.Key.Equals(_app.Key))
                        app = (long)other.Generation;
                    else if (message is AppInst one && one.Key.Equals(_instance.Key))
                        instance = (long)one.Generation;
                }

                _watch.See(app, instance);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or Core.Transport.GrpcException && cancellationToken.IsCancellationRequested)
        {
            // That is how a watch ends.
        }
    }

    private string? Unfinished()
    {
        var behind = new[] { _handlers, _snapshots, _watch }.Where(o => o.Last < Transactions).ToList();
        return behind.Count == 0 ? null : $"{string.Join(", ", behind.Select(o => $"{o.Name} at {o.Last}"))} of {Transactions}";
    }

    private string Judge()
    {
        foreach (var observer in (CounterObserver[])[_handlers, _snapshots, _watch])
        {
            if (observer.Mismatch is { } mismatch)
                throw new CheckFailedException($"{observer.Name} saw {mismatch.App} in the App and {mismatch.Instance} in the AppInst");
            if (observer.Distinct < DistinctMin)
                throw new CheckFailedException($"{observer.Name} saw {observer.Distinct} distinct values, at least {DistinctMin} are wanted");
        }

        var times = Enumerable.Range(1, Transactions).Select(i => _handlers.SeenAfter(i, _started[i])).ToList();
        return $"distinct: handlers {_handlers.Distinct}, snapshots {_snapshots.Distinct}, dme watch {_watch.Distinct}; 0 mismatches; "
            + $"write to handler p50 {Latencies.Text(Latencies.Quantile(times, 0.5))}, p99 {Latencies.Text(Latencies.Quantile(times, 0.99))}";
    }
}
