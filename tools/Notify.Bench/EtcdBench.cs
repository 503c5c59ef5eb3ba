using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Storage.Etcd;

namespace Notify.Bench;

/// <summary>The store in etcd, over a cluster that runs. What is written stays there, under a prefix of its own.</summary>
internal static class EtcdBench
{
    public static async Task<int> RunAsync(Uri endpoint, TimeSpan time, int objects, Figures figures, CancellationToken cancellationToken)
    {
        var options = new EtcdStoreOptions { Endpoints = [endpoint], Prefix = $"/notify-bench-{Environment.ProcessId}/" };
        await using var store = await EtcdObjectStore.OpenAsync(options, new Random(), NullLogger<EtcdObjectStore>.Instance, cancellationToken);
        foreach (var (writers, changes) in CommitBench.Loads)
            await CommitBench.RunAsync(store, writers, changes, time, figures, cancellationToken);

        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, (objects + 99) / 100),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (i, stop) => await store.CommitAsync(CommitBench.Transaction(i * 100L, Math.Min(100, objects - (i * 100)), i), stop));
        figures.Add($"{objects:N0} objects of {StoreBench.ValueBytes} bytes written", watch.Elapsed.TotalSeconds, "s");
        await SnapshotAsync(store, horizon: 0, figures, cancellationToken);
        await SnapshotAsync(store, horizon: 10_000, figures, cancellationToken);
        figures.Print();
        return 0;
    }

    private static async Task SnapshotAsync(EtcdObjectStore store, long horizon, Figures figures, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var snapshot = await store.SnapshotAsync(horizon, cancellationToken);
        var count = await snapshot.Objects.CountAsync(cancellationToken);
        figures.Add($"  {count:N0} objects loaded, {horizon:N0} revisions behind the head", watch.Elapsed.TotalSeconds, "s");
    }
}
