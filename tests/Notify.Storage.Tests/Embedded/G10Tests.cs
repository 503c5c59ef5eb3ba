using Notify.Core;
using Notify.Core.Storage;
using Notify.Simulation.Disks;
using Notify.Storage.Embedded;

namespace Notify.Storage.Tests.Embedded;

/// <summary>Acknowledged is durable: over a disk that forgets what was not synced, tears writes at any byte, is full and fails.</summary>
public sealed class G10Tests
{
    private const int Commits = 40;

    /// <param name="keepsNames">What is kept of the changes of names that were not synced: nothing, all, every other one from the first or the second on.</param>
    [Theory]
    [InlineData("none")]
    [InlineData("all")]
    [InlineData("odd")]
    [InlineData("even")]
    public async Task G10_PowerLoss_BeforeAnyOperation_KeepsWhatWasAcknowledgedAndNoHalves(string keepsNames)
    {
        var whole = new SimulatedDisk();
        await new StoreScript(whole, StoreScript.Small).RunAsync(Commits);
        Assert.True(StoreFiles.Checkpoints(whole.List()).Length > 0, "The script is long enough for a checkpoint.");
        for (var operation = 0; operation < whole.Operations; operation++)
        {
            var disk = new SimulatedDisk { PowerLossAt = operation };
            var script = new StoreScript(disk, StoreScript.Small);
            await script.RunAsync(Commits);
            foreach (var (share, text) in new[] { (0.0, "nothing"), (0.5, "half"), (1.0, "all") })
            {
                var changes = 0;
                var left = disk.AfterPowerLoss(() => keepsNames == "all" || (keepsNames != "none" && ++changes % 2 == (keepsNames == "odd" ? 1 : 0)), all => (int)(all * share));
                await script.CheckAsync(left, $"operation {operation}, {text} of the unsynced kept");
            }
        }
    }

    [Fact]
    public async Task G10_KillAndThenPowerLoss_KeepsWhatWasAcknowledged()
    {
        var whole = new SimulatedDisk();
        await new StoreScript(whole, StoreScript.Small).RunAsync(Commits);
        for (var operation = 0; operation < whole.Operations; operation++)
        {
            var disk = new SimulatedDisk { PowerLossAt = operation };
            var script = new StoreScript(disk, StoreScript.Small);
            await script.RunAsync(Commits);

            // The next process finds what was written, synced or not, and commits once more before the power goes with all that is not synced.
            await script.CheckAsync(disk.AfterKill(), $"killed at operation {operation}");
        }
    }

    [Fact]
    public async Task G10_LastWrite_TornAtEveryByte_IsAbsentOrWhole()
    {
        var whole = new SimulatedDisk();
        await new StoreScript(whole, StoreScript.Small).RunAsync(10);

        // The power goes before the sync of the tenth commit: its bytes are written and nothing of them is safe.
        var disk = new SimulatedDisk { PowerLossAt = whole.Operations - 1 };
        var script = new StoreScript(disk, StoreScript.Small);
        await script.RunAsync(10);
        Assert.Equal(9, script.Acknowledged);
        var unsynced = 0;
        disk.AfterPowerLoss(keepsName: static () => true, kept: all => unsynced = Math.Max(unsynced, all));
        Assert.InRange(unsynced, 50, 1000);

        for (var kept = 0; kept <= unsynced; kept++)
        {
            var left = disk.AfterPowerLoss(keepsName: static () => true, kept: all => Math.Min(all, kept));
            await script.CheckAsync(left, $"{kept} bytes kept");
            left = disk.AfterPowerLoss(keepsName: static () => true, kept: static all => all, lost: all => Math.Min(all, kept));
            await script.CheckAsync(left, $"the first {kept} bytes are zeros");
        }
    }

    [Fact]
    public async Task G10_FullDisk_RefusesCommitsServesAndRecovers()
    {
        var disk = new SimulatedDisk();
        await using var store = StoreScript.Open(disk);
        await StoreScript.DeclareAsync(store);
        await CommitAsync(store, "a", "1");
        await using var watch = store.WatchAsync(2, CancellationToken.None).GetAsyncEnumerator();
        var next = watch.MoveNextAsync();

        for (var room = 0; room < 45; room++)
        {
            disk.Room = room;
            var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, "a", $"refused {room}"));
            Assert.Contains("No space left", refused.Message, StringComparison.Ordinal);
            Assert.Equal("{a=1}", StoreScript.Text(await StoreScript.StateAsync(store)));
            Assert.False(next.IsCompleted);
            Assert.Equal("{a=1}", StoreScript.Text(await ReopenedAsync(disk)));
        }

        disk.Room = null;
        Assert.Equal(3, await CommitAsync(store, "a", "2"));
        Assert.True(await next);
        Assert.Equal(3, watch.Current.Revision);
        Assert.Equal("{a=2}", StoreScript.Text(await ReopenedAsync(disk)));
    }

    [Fact]
    public async Task G10_FullDiskAsTheNextLogBegins_KeepsWhatWasAcknowledged()
    {
        var disk = new SimulatedDisk();
        await using var store = StoreScript.Open(disk, StoreScript.Small with { LogFileBytes = 1 });
        await StoreScript.DeclareAsync(store);

        for (var commit = 1; commit <= 3; commit++)
        {
            await CommitAsync(store, "a", $"{commit}");
            foreach (var room in new[] { 0, 1, 20 })
            {
                disk.Room = room;
                await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, "a", "refused"));
                Assert.Equal($"{{a={commit}}}", StoreScript.Text(await ReopenedAsync(disk)));
            }

            disk.Room = null;
        }
    }

    [Fact]
    public async Task G10_DiskThatFailsToSync_LeavesTheOutcomeOpenAndTakesNoMore()
    {
        var disk = new SimulatedDisk();
        await using var store = StoreScript.Open(disk);
        await StoreScript.DeclareAsync(store);
        await CommitAsync(store, "a", "1");
        disk.FailsToSync = true;

        await Assert.ThrowsAsync<CommitOutcomeUnknownException>(() => CommitAsync(store, "a", "2"));
        disk.FailsToSync = false;
        var later = await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, "a", "3"));

        Assert.Contains("start the controller again", later.Message, StringComparison.Ordinal);
        Assert.Equal("{a=1}", StoreScript.Text(await StoreScript.StateAsync(store)));
        Assert.Contains(StoreScript.Text(await ReopenedAsync(disk)), new[] { "{a=1}", "{a=2}" });
    }

    [Fact]
    public async Task G10_CommitsInOneBatch_AreSyncedOnce()
    {
        var disk = new SimulatedDisk();
        var work = new Queue<Action>();
        await using var store = StoreScript.Open(disk, StoreScript.Small with { Execute = work.Enqueue });
        var declaring = StoreScript.DeclareAsync(store);
        work.Dequeue()();
        await declaring;
        var syncs = disk.Syncs;

        var commits = Enumerable.Range(0, 20).Select(i => CommitAsync(store, $"k{i}", "v")).ToArray();
        Assert.Single(work);
        Assert.All(commits, commit => Assert.False(commit.IsCompleted));
        Assert.Empty(await StoreScript.StateAsync(store));
        work.Dequeue()();

        Assert.Equal(syncs + 1, disk.Syncs);
        Assert.Equal(Enumerable.Range(2, 20).Select(revision => (long)revision), await Task.WhenAll(commits));
        Assert.Equal(20, (await StoreScript.StateAsync(store)).Count);
    }

    [Fact]
    public async Task G10_DamagedByte_BeforeTheLastBatch_IsFoundWithItsFileAndOffset()
    {
        var disk = new SimulatedDisk();
        var options = StoreScript.Small with { LogFileBytes = 1 << 20, CheckpointBytes = 1 << 20 };
        await new StoreScript(disk, options).RunAsync(8);
        var name = Assert.Single(disk.List());
        var bytes = disk.Read(name);
        var lastBatch = LastFrame(bytes);

        for (var offset = 0; offset < lastBatch; offset++)
        {
            var damaged = disk.Copy();
            damaged.Flip(name, offset);
            var exception = Assert.ThrowsAny<NotifyException>(() => StoreScript.Open(damaged, options));
            var corrupt = Assert.IsType<StoreCorruptException>(exception);
            Assert.EndsWith(name, corrupt.File, StringComparison.Ordinal);
            Assert.InRange(corrupt.Offset, 0, offset);
            Assert.InRange(offset - corrupt.Offset, 0, 400);
            Assert.Equal(bytes.Length, damaged.Read(name).Length);
        }
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(1)]
    public async Task G10_DamagedHead_BeforeTheOnlyBatchOfALog_IsFound(int logFileBytes)
    {
        var disk = new SimulatedDisk();
        var options = StoreScript.Small with { LogFileBytes = logFileBytes, CheckpointBytes = 1 << 20 };
        await using (var store = StoreScript.Open(disk, options))
        {
            await StoreScript.DeclareAsync(store);
            if (logFileBytes == 1)
            {
                await CommitAsync(store, "a", "1");
            }
        }

        var name = StoreFiles.Log(StoreFiles.Logs(disk.List())[^1]);
        var damaged = disk.Copy();
        damaged.Flip(name, 20);

        Assert.EndsWith(name, Assert.Throws<StoreCorruptException>(() => StoreScript.Open(damaged, options)).File, StringComparison.Ordinal);
        Assert.Equal(disk.Read(name).Length, damaged.Read(name).Length);
    }

    [Fact]
    public async Task Open_InAFolderWithFilesOfOthers_LeavesThemAlone()
    {
        var disk = new SimulatedDisk();
        foreach (var name in new[] { "letter.tmp", "checkpoint-7.txt.tmp", StoreFiles.Checkpoint(7) + StoreFiles.Unfinished })
        {
            using var file = disk.Create(name);
        }

        await using var store = StoreScript.Open(disk);

        Assert.Equal(["checkpoint-7.txt.tmp", "letter.tmp", StoreFiles.Log(0)], disk.List().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Commits_BeyondTheBytesThatMayWait_AreRefused()
    {
        var work = new Queue<Action>();
        await using var store = StoreScript.Open(
            new SimulatedDisk(), StoreScript.Small with { Execute = work.Enqueue, WaitingBytesMax = 1000 });
        var declaring = StoreScript.DeclareAsync(store);
        DoWork();
        await declaring;

        var large = CommitAsync(store, "a", new string('x', 2000));
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, "b", "1"));
        Assert.Contains("commit slower", refused.Message, StringComparison.Ordinal);
        DoWork();

        Assert.Equal(2, await large);
        var later = CommitAsync(store, "b", "1");
        DoWork();
        Assert.Equal(3, await later);

        void DoWork()
        {
            while (work.TryDequeue(out var next))
            {
                next();
            }
        }
    }

    [Fact]
    public async Task G10_DamagedByte_InACheckpoint_IsFoundWithItsFileAndOffset()
    {
        var disk = new SimulatedDisk();
        await new StoreScript(disk).RunAsync(Commits);
        var name = StoreFiles.Checkpoint(StoreFiles.Checkpoints(disk.List())[^1]);

        for (var offset = 0; offset < disk.Read(name).Length; offset++)
        {
            var damaged = disk.Copy();
            damaged.Flip(name, offset);
            Assert.EndsWith(name, Assert.Throws<StoreCorruptException>(() => StoreScript.Open(damaged)).File, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task G10_MissingLog_IsFound()
    {
        var disk = new SimulatedDisk();
        await new StoreScript(disk).RunAsync(Commits);
        var logs = StoreFiles.Logs(disk.List());
        Assert.True(logs.Length >= 2, "The script is long enough for several logs.");
        disk.Delete(StoreFiles.Log(logs[0]));

        Assert.Contains("a file is missing", Assert.Throws<StoreCorruptException>(() => StoreScript.Open(disk)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checkpoints_OverManyCommits_BoundTheDiskByTheState()
    {
        var disk = new SimulatedDisk();
        await new StoreScript(disk).RunAsync(2000);

        Assert.InRange(disk.Bytes, 1, 10_000);
        Assert.InRange(disk.List().Count, 1, 8);
        Assert.Single(StoreFiles.Checkpoints(disk.List()));
    }

    [Fact]
    public void Open_OfANewerFormat_SaysWhichFile()
    {
        var disk = new SimulatedDisk();
        using (var file = disk.Create(StoreFiles.Log(0)))
        {
            file.Append(StoreFrames.Encode(FrameKind.Head, 0, new Storage.Embedded.Files.Head { Format = 2 }));
        }

        var exception = Assert.Throws<StoreFormatException>(() => StoreScript.Open(disk));

        Assert.Contains("format 2; this program knows formats up to 1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_OfALogOfAnotherStore_IsRefused()
    {
        var (disk, other) = (new SimulatedDisk(), new SimulatedDisk());
        await new StoreScript(disk).RunAsync(Commits);
        await using (EmbeddedObjectStore.Open(other, new Random(77), StoreScript.Small, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance))
        {
        }

        var last = StoreFiles.Log(StoreFiles.Logs(disk.List())[^1]);
        using (var file = disk.Create(last))
        {
            file.Append(other.Read(StoreFiles.Log(0)));
        }

        Assert.Contains("another store", Assert.Throws<StoreCorruptException>(() => StoreScript.Open(disk)).Message, StringComparison.Ordinal);
    }

    private static async Task<long> CommitAsync(EmbeddedObjectStore store, string name, string value) =>
        Assert.IsType<CommitResult.Committed>(await store.CommitAsync(new Transaction([StoreScript.Put(name, value)]), CancellationToken.None)).Revision;

    private static async Task<Dictionary<Core.Types.ObjectId, string>> ReopenedAsync(SimulatedDisk disk)
    {
        await using var store = StoreScript.Open(disk.AfterPowerLoss(keepsName: static () => true, kept: static all => all));
        return await StoreScript.StateAsync(store);
    }

    private static int LastFrame(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        var at = 0L;
        for (var next = 0L; StoreFrames.TryRead(stream, out _, out _, out _); next = stream.Position)
        {
            at = next;
        }

        return (int)at;
    }
}
