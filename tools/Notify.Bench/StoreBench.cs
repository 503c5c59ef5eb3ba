using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Storage.Embedded;

namespace Notify.Bench;

/// <summary>The embedded store over a folder of the disk that is measured.</summary>
internal static class StoreBench
{
    /// <summary>Size of the objects that all benchmarks write.</summary>
    public const int ValueBytes = 200;

    public static async Task<int> RunAsync(string root, TimeSpan time, int objects, Figures figures, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateDirectory(Path.Combine(root, $"notify-bench-{Environment.ProcessId}"));
        try
        {
            figures.Add("the disk alone: append 300 bytes and fdatasync", Syncs(Path.Combine(directory.FullName, "raw"), time), "1/s");
            foreach (var (writers, changes) in CommitBench.Loads)
            {
                await using var store = Open(Path.Combine(directory.FullName, $"commits-{writers}-{changes}"));
                await CommitBench.RunAsync(store, writers, changes, time, figures, cancellationToken);
            }

            await RestartAsync(Path.Combine(directory.FullName, "restart"), objects, figures, cancellationToken);
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        figures.Print();
        return 0;
    }

    private static double Syncs(string folder, TimeSpan time)
    {
        using var file = new FileDisk(folder).Create("raw");
        var bytes = new byte[300];
        var watch = Stopwatch.StartNew();
        var count = 0;
        for (; watch.Elapsed < time; count++)
        {
            file.Append(bytes);
            file.Sync();
        }

        return count / watch.Elapsed.TotalSeconds;
    }

    private static async Task RestartAsync(string folder, int objects, Figures figures, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await using (var store = Open(folder))
        {
            await CommitBench.DeclareAsync(store, cancellationToken);
            await Parallel.ForEachAsync(
                Enumerable.Range(0, (objects + 99) / 100),
                new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellationToken },
                async (i, stop) => await store.CommitAsync(CommitBench.Transaction(i * 100L, Math.Min(100, objects - (i * 100)), i), stop));
        }

        figures.Add($"{objects:N0} objects of {ValueBytes} bytes written", watch.Elapsed.TotalSeconds, "s");
        figures.Add("  the folder has", Directory.GetFiles(folder).Sum(file => new FileInfo(file).Length) / 1e6, "MB");
        GC.Collect();
        watch.Restart();
        await using (var again = Open(folder))
        {
            figures.Add("  started again", watch.Elapsed.TotalSeconds, "s");
            GC.Collect();
            figures.Add("  memory", GC.GetTotalMemory(forceFullCollection: true) / 1e6, "MB");
            watch.Restart();
            again.Checkpoint();
            figures.Add("  checkpoint written", watch.Elapsed.TotalSeconds, "s");
        }

        watch.Restart();
        await using var last = Open(folder);
        figures.Add("  started again from that checkpoint", watch.Elapsed.TotalSeconds, "s");
    }

    private static EmbeddedObjectStore Open(string folder) =>
        EmbeddedObjectStore.Open(folder, new Random(), new EmbeddedStoreOptions(), NullLogger<EmbeddedObjectStore>.Instance);
}
