using System.Collections.Immutable;
using System.Diagnostics;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Storage.Embedded;

namespace Notify.Bench;

/// <summary>The embedded store over a folder of the disk that is measured.</summary>
internal static class StoreBench
{
    private const string Type = "bench.Thing";
    private const int ValueBytes = 200;

    private static readonly KeyLayout s_key = new([new KeyField(1, KeyFieldKind.Fixed64)]);

    public static async Task<int> RunAsync(string root, TimeSpan time, int objects, Figures figures, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateDirectory(Path.Combine(root, $"notify-bench-{Environment.ProcessId}"));
        try
        {
            figures.Add("the disk alone: append 300 bytes and fdatasync", Syncs(Path.Combine(directory.FullName, "raw"), time), "1/s");
            foreach (var (writers, changes) in new[] { (1, 1), (1, 100), (64, 1), (64, 100) })
                await CommitsAsync(Path.Combine(directory.FullName, $"commits-{writers}-{changes}"), writers, changes, time, figures, cancellationToken);
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

    private static async Task CommitsAsync(
        string folder, int writers, int changes, TimeSpan time, Figures figures, CancellationToken cancellationToken)
    {
        await using var store = Open(folder);
        await DeclareAsync(store, cancellationToken);
        var latencies = new List<double>[writers];
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(
            async () =>
            {
                var mine = latencies[writer] = [];
                for (var i = 0L; watch.Elapsed < time; i++)
                {
                    var start = Stopwatch.GetTimestamp();
                    await store.CommitAsync(Transaction((writer * 1_000_000_000L) + (i % 100 * changes), changes, i), cancellationToken);
                    mine.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            },
            cancellationToken)));
        var elapsed = watch.Elapsed.TotalSeconds;
        var all = latencies.SelectMany(one => one).Order().ToArray();
        var what = $"{writers} writer{(writers == 1 ? "" : "s")}, {changes} change{(changes == 1 ? "" : "s")} a commit";
        figures.Add(what, all.Length / elapsed, "commits/s");
        figures.Add("  the same in changes", (double)all.Length * changes / elapsed, "1/s");
        figures.Add("  acknowledged after, p50", all[all.Length / 2], "ms");
        figures.Add("  acknowledged after, p99", all[(int)(all.Length * 0.99)], "ms");
    }

    private static async Task RestartAsync(string folder, int objects, Figures figures, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await using (var store = Open(folder))
        {
            await DeclareAsync(store, cancellationToken);
            await Parallel.ForEachAsync(
                Enumerable.Range(0, (objects + 99) / 100),
                new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellationToken },
                async (i, stop) => await store.CommitAsync(Transaction(i * 100L, Math.Min(100, objects - (i * 100)), i), stop));
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

    private static async Task DeclareAsync(EmbeddedObjectStore store, CancellationToken cancellationToken) =>
        await store.DeclareAsync([new TypeDeclaration(Type, TypeKind.Stored, s_key)], cancellationToken);

    private static Transaction Transaction(long first, int count, long round)
    {
        var changes = ImmutableArray.CreateBuilder<StoreChange>(count);
        for (var i = 0; i < count; i++)
        {
            var value = new byte[ValueBytes];
            BitConverter.TryWriteBytes(value, round);
            changes.Add(StoreChange.Put(new Envelope(new ObjectId(Type, Key(first + i)), UnsafeByteOperations.UnsafeWrap(value))));
        }

        return new Transaction(changes.MoveToImmutable());
    }

    private static ByteString Key(long number)
    {
        var key = new byte[9];
        key[0] = (1 << 3) | 1;
        BitConverter.TryWriteBytes(key.AsSpan(1), number + 1);
        return UnsafeByteOperations.UnsafeWrap(key);
    }
}
