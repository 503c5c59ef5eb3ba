using System.Collections.Immutable;
using System.Diagnostics;
using Google.Protobuf;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Bench;

/// <summary>Commits to any store.</summary>
internal static class CommitBench
{
    private const string Type = "bench.Thing";

    private static readonly KeyLayout s_key = new([new KeyField(1, KeyFieldKind.Fixed64)]);

    /// <summary>How many write at once, and how much each commit has.</summary>
    public static IReadOnlyList<(int Writers, int Changes)> Loads { get; } = [(1, 1), (1, 100), (64, 1), (64, 100)];

    /// <summary>Commits for a while, and adds how many and how fast.</summary>
    public static async Task RunAsync(
        IObjectStore store, int writers, int changes, TimeSpan time, Figures figures, CancellationToken cancellationToken)
    {
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

    public static async Task DeclareAsync(IObjectStore store, CancellationToken cancellationToken) =>
        await store.DeclareAsync([new TypeDeclaration(Type, TypeKind.Stored, s_key)], cancellationToken);

    /// <summary>Puts objects with numbers from the first on, and a value that is another in each round.</summary>
    public static Transaction Transaction(long first, int count, long round)
    {
        var changes = ImmutableArray.CreateBuilder<StoreChange>(count);
        for (var i = 0; i < count; i++)
        {
            var value = new byte[StoreBench.ValueBytes];
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
