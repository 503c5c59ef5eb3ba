using Microsoft.Extensions.Logging.Abstractions;
using Notify.Core.Storage;
using Notify.Storage.Embedded;
using Notify.Testing;

namespace Notify.Storage.Tests.Embedded;

/// <summary>The contract of all stores, over a real folder.</summary>
public sealed class EmbeddedObjectStoreTests : StoreConformance, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notify-store-");
    private int _opened;

    public void Dispose() => _directory.Delete(recursive: true);

    protected override ValueTask<IObjectStore> OpenAsync(StoreLimits limits) => new(EmbeddedObjectStore.Open(
        Path.Combine(_directory.FullName, $"{_opened++}"), new Random(1), new EmbeddedStoreOptions { Limits = limits }, NullLogger<EmbeddedObjectStore>.Instance));

    [Fact]
    public async Task Open_WhereAnotherHasTheFolder_SaysSo()
    {
        var exception = Assert.Throws<StoreLockedException>(() => Open());
        Assert.Contains("in use by another controller", exception.Message, StringComparison.Ordinal);

        await Store.DisposeAsync();
        await Open().DisposeAsync();
    }

    [Fact]
    public async Task LeasesOfTheProcessBefore_AreOver_WithTheFirstLeaseOfTheNext()
    {
        await Store.LeaseAsync(Put("process-1", "x", Other).Envelope!, TimeSpan.FromSeconds(1), Deadline);
        await Store.DisposeAsync(); // As a process that dies: its lease is never disposed of.

        await using var store = Open();
        await using var first = await store.LeaseAsync(Put("process-2", "x", Other).Envelope!, TimeSpan.FromSeconds(1), Deadline);
        await using var second = await store.LeaseAsync(Put("process-3", "x", Other).Envelope!, TimeSpan.FromSeconds(1), Deadline);
        var objects = await (await store.SnapshotAsync(0, Deadline)).Objects.ToListAsync(Deadline);
        Assert.Equal([Id("process-2", Other), Id("process-3", Other)], objects.Select(envelope => envelope.Id).Order());
    }

    [Fact]
    public async Task Open_AfterClose_HasEverythingAndItsIdentity()
    {
        await CommitAsync(Put("a", "1"), Put("b", "1"));
        await CommitAsync(Put("a", "2"), Delete("b"));
        var identity = Store.Identity;
        var head = await HeadAsync();
        await Store.DisposeAsync();

        await using var store = Open();

        Assert.Equal(identity, store.Identity);
        Assert.Equal(new StoreRevisions(0, head), await store.RevisionsAsync(Deadline));
        var objects = await (await store.SnapshotAsync(0, Deadline)).Objects.ToListAsync(Deadline);
        Assert.Equal(("2", head), (Assert.Single(objects).Value.ToStringUtf8(), objects[0].Revision));

        // The delete is known as a tombstone to whoever starts a horizon behind.
        await using var watch = store.WatchAsync(head - 1, Deadline).GetAsyncEnumerator(Deadline);
        Assert.True(await watch.MoveNextAsync());
        Assert.Contains(watch.Current.Changes, change => change.Id == Id("b") && change.Envelope is null);
    }

    [Fact]
    public async Task Commits_OfManyWriters_AreAllThereInTheirOrder()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(
            async () => Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(new Transaction([Put($"k{i}", "v")]), Deadline)).Revision)));
        Assert.Equal(200, results.Distinct().Count());
        await Store.DisposeAsync();

        await using var store = Open();
        Assert.Equal(200, (await StateOfAsync(store)).Count);
    }

    [Fact]
    public async Task BackUp_WhileCommitsGoOn_IsRestoredAsANewIncarnationOfThatRevision()
    {
        await CommitAsync(Put("a", "1"));
        var committing = Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await CommitAsync(Put("later", $"{i}"));
            }
        });
        var (backup, revision) = BackUp();
        await committing;
        var target = Path.Combine(_directory.FullName, "restored");

        var (identity, restoredRevision) = EmbeddedObjectStore.Restore(backup, target, new Random(2));

        Assert.Equal((revision, Store.Identity.Store), (restoredRevision, identity.Store));
        Assert.NotEqual(Store.Identity.Incarnation, identity.Incarnation);
        await using var restored = EmbeddedObjectStore.Open(target, new Random(3), new EmbeddedStoreOptions(), NullLogger<EmbeddedObjectStore>.Instance);
        Assert.Equal(identity, restored.Identity);
        Assert.Equal(new StoreRevisions(revision, revision), await restored.RevisionsAsync(Deadline));
        Assert.Equal("1", (await StateOfAsync(restored))[Id("a")]);
        var committed = Assert.IsType<CommitResult.Committed>(await restored.CommitAsync(new Transaction([Put("a", "2")]), Deadline));
        Assert.Equal(revision + 1, committed.Revision);
    }

    [Fact]
    public void Restore_IntoAFolderWithFiles_IsRefused()
    {
        var (backup, _) = BackUp();
        File.WriteAllText(Path.Combine(_directory.FullName, "notes"), "mine");

        var exception = Assert.Throws<IOException>(() => EmbeddedObjectStore.Restore(backup, _directory.FullName, new Random(2)));

        Assert.Contains("is not empty", exception.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_directory.FullName, "notes")));
    }

    [Fact]
    public async Task Restore_OfABackupThatIsCutOff_IsRefusedAndLeavesNothing()
    {
        await CommitAsync(Put("a", "1"));
        var (backup, _) = BackUp();
        var target = Path.Combine(_directory.FullName, "restored");

        for (var length = 0; length < backup.Length; length++)
        {
            using var part = new MemoryStream(backup.ToArray(), 0, length);
            Assert.Throws<StoreCorruptException>(() => EmbeddedObjectStore.Restore(part, target, new Random(2)));
        }

        Assert.Equal(["lock"], Directory.EnumerateFiles(target).Select(Path.GetFileName));
    }

    private static async Task<Dictionary<Core.Types.ObjectId, string>> StateOfAsync(IObjectStore store) => await StoreScript.StateAsync(store);

    private (MemoryStream Stream, long Revision) BackUp()
    {
        var backUp = ((EmbeddedObjectStore)Store).BackUp();
        var stream = new MemoryStream();
        foreach (var (bytes, _) in backUp.Pieces)
        {
            stream.Write(bytes.Span);
        }

        stream.Position = 0;
        return (stream, backUp.Revision);
    }

    private EmbeddedObjectStore Open() => EmbeddedObjectStore.Open(
        Path.Combine(_directory.FullName, "0"), new Random(9), new EmbeddedStoreOptions(), NullLogger<EmbeddedObjectStore>.Instance);
}
