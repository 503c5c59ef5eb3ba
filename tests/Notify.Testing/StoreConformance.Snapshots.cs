using Notify.Core.Storage;
using Notify.Core.Types;
using Xunit;

namespace Notify.Testing;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task Snapshot_OfAnEmptyStore_HasNoObjects()
    {
        var (revision, objects) = await StateAsync();
        Assert.Empty(objects);
        Assert.Equal(await HeadAsync(), revision);
    }

    [Fact]
    public async Task Snapshot_BehindTheHead_ShowsTheStateThenAndTheWatchBringsTheDeletes()
    {
        await CommitAsync(Put("a", "1"), Put("b", "1"));
        var then = await StateAsync();
        await CommitAsync(Put("a", "2"), Put("c", "2", Other));
        var last = await CommitAsync(Delete("b"), Delete("c", Other));
        var older = await StateAsync(horizon: last.Revision - then.Revision);

        Assert.Equal(then.Revision, older.Revision);
        AssertSame(then.Objects, older.Objects);
        var epochs = await EpochsAsync(older.Revision, last.Revision);
        Assert.Equal([Id("c", Other), Id("b")], epochs[^1].Changes.Where(change => change.Envelope is null).Select(change => change.Id).Order());
        Apply(older.Objects, epochs);
        AssertSame((await StateAsync()).Objects, older.Objects);
    }

    [Fact]
    public async Task Snapshot_WithAHorizonBelowTheOldest_IsThatOfTheOldest()
    {
        var (_, second, third) = await ThreeCommitsAsync();
        await Store.CompactAsync(second, Deadline);
        var (revision, objects) = await StateAsync(horizon: 1_000_000);

        Assert.Equal(second, revision);
        Assert.Equal([Id("a"), Id("b")], objects.Keys.Order());
        Assert.Equal(third, Assert.Single(await EpochsAsync(revision, third)).Revision);
    }

    [Fact]
    public async Task SnapshotAndWatch_UnderConcurrentWriters_LoseAndRepeatNothing()
    {
        const int Writers = 4;
        const int CommitsEach = 60;
        var start = await HeadAsync();
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer, CommitsEach))).ToList();
        var starts = new List<(long Revision, Dictionary<ObjectId, Envelope> Objects)>();
        while (writers.Any(writer => !writer.IsCompleted))
        {
            starts.Add(await StateAsync());
            starts.Add(await StateAsync(horizon: 17));
        }

        var acknowledged = (await Task.WhenAll(writers)).SelectMany(list => list).ToList();
        starts.Add(await StateAsync());
        var head = await HeadAsync();
        Assert.Equal(acknowledged.Order(), (await EpochsAsync(start, head)).Select(epoch => epoch.Revision));
        var final = await StateAsync();
        for (var i = 0; i < starts.Count; i += Math.Max(1, starts.Count / 20))
        {
            AssertPairs(starts[i].Objects);
            Apply(starts[i].Objects, await EpochsAsync(starts[i].Revision, head));
            AssertSame(final.Objects, starts[i].Objects);
        }
    }

    [Fact]
    public async Task Watch_UnderConcurrentWriters_ShowsEveryEpochWhole()
    {
        const int Writers = 4;
        const int CommitsEach = 60;
        var start = await StateAsync();
        var epochs = new List<StoreEpoch>();
        var watched = 0;
        var watcher = Task.Run(async () =>
        {
            await foreach (var epoch in Store.WatchAsync(start.Revision, Deadline))
            {
                epochs.Add(epoch);
                watched += epoch.Changes.Length > 0 ? 1 : 0;
                if (watched == Writers * CommitsEach)
                {
                    return;
                }
            }
        });
        var acknowledged = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer, CommitsEach))));
        await watcher;

        Assert.Equal(acknowledged.SelectMany(list => list).Order(), epochs.Where(epoch => epoch.Changes.Length > 0).Select(epoch => epoch.Revision));
        foreach (var epoch in epochs)
        {
            Apply(start.Objects, [epoch]);
            AssertPairs(start.Objects);
        }

        AssertSame((await StateAsync()).Objects, start.Objects);
    }

    [Fact]
    public async Task Declare_OfANewType_MakesOneRevisionAndOfAKnownOne_None()
    {
        var head = await HeadAsync();
        var revision = await Store.DeclareAsync([Declaration("test.A", Thing), Declaration("test.B")], Deadline);
        Assert.True(revision > head);
        Assert.True(await Store.DeclareAsync([Declaration("test.A"), Declaration("test.B")], Deadline) >= revision);
        Assert.Equal(revision, await HeadAsync());

        var epoch = Assert.Single(await EpochsAsync(head, revision));
        Assert.Empty(epoch.Changes);
        Assert.Equal(["test.A", "test.B"], epoch.Declarations.Select(type => type.Name).Order());
    }

    [Fact]
    public async Task Declare_WithFurtherReferences_AddsThem()
    {
        var before = await Store.DeclareAsync([Declaration("test.A", Thing)], Deadline);
        var after = await Store.DeclareAsync([Declaration("test.A", Other)], Deadline);

        Assert.True(after > before);
        var declared = Assert.Single(Assert.Single(await EpochsAsync(before, after)).Declarations);
        Assert.Equal([Other, Thing], declared.RefersTo.Order());
        var known = (await Store.SnapshotAsync(0, Deadline)).Declarations.Single(type => type.Name == "test.A");
        Assert.Equal([Other, Thing], known.RefersTo.Order());
    }

    [Fact]
    public async Task Declare_OfAFullDeclaration_KeepsAllOfIt()
    {
        var layout = new KeyLayout(
        [
            new KeyField(1, KeyFieldKind.Message, Layout: new KeyLayout([new KeyField(2, KeyFieldKind.Varint, Presence: true)])),
            new KeyField(7, KeyFieldKind.Fixed32, Repeated: true),
        ]);
        var declaration = new TypeDeclaration("test.Full", TypeKind.Shared, layout)
        {
            ScopeType = "test.Scope",
            Filtered = true,
            RefersTo = [Thing],
            Flush = false,
        };
        await Store.DeclareAsync([declaration], Deadline);
        var known = (await Store.SnapshotAsync(0, Deadline)).Declarations.Single(type => type.Name == "test.Full");

        Assert.Equal(declaration.RefersTo.AsEnumerable(), known.RefersTo);
        Assert.Equal(declaration, known with { RefersTo = declaration.RefersTo });
    }

    [Fact]
    public async Task Declare_ThatContradictsAKnownType_DeclaresNothing()
    {
        var head = await HeadAsync();
        var other = new TypeDeclaration(Thing, TypeKind.Shared, KeyLayout.Empty);
        await Assert.ThrowsAsync<TypeConflictException>(
            async () => await Store.DeclareAsync([Declaration("test.New"), other], Deadline));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await Store.DeclareAsync([Declaration("test.New"), new("test.Dynamic", TypeKind.Dynamic, KeyLayout.Empty)], Deadline));

        Assert.Equal(head, await HeadAsync());
        await RejectedAsync(TransactionFault.UndeclaredType, Put("a", "1", "test.New"));
    }

    [Fact]
    public async Task Snapshot_AfterCompaction_StillHasEveryDeclaration()
    {
        await Store.DeclareAsync([Declaration("test.New")], Deadline);
        var last = await CommitAsync(Put("a", "1", "test.New"));
        await Store.CompactAsync(last.Revision, Deadline);

        var snapshot = await Store.SnapshotAsync(1000, Deadline);
        Assert.Equal(["test.New", Other, Thing], snapshot.Declarations.Select(type => type.Name).Order());
    }

    [Fact]
    public async Task Snapshot_BehindTheHead_HasTheDeclarationsOfThatRevision()
    {
        await Store.DeclareAsync([Declaration("test.A", Thing)], Deadline);
        await CommitAsync(Put("a", "1", "test.A"));
        await Store.DeclareAsync([Declaration("test.A", Other), Declaration("test.Later")], Deadline);

        // Which references count is a part of the state: what it is at a revision does not depend on what came later.
        var before = await Store.SnapshotAsync(1, Deadline);
        Assert.Equal(["test.A", Other, Thing], before.Declarations.Select(type => type.Name).Order());
        Assert.Equal([Thing], before.Declarations.Single(type => type.Name == "test.A").RefersTo.AsEnumerable());
    }

    /// <summary>Each writer keeps a pair of objects of two types equal, and deletes and recreates the pair now and then.</summary>
    private async Task<List<long>> WriteAsync(int writer, int commits)
    {
        var revisions = new List<long>();
        for (var i = 0; i < commits; i++)
        {
            var committed = i % 10 == 9
                ? await CommitAsync(Delete($"{writer}"), Delete($"{writer}", Other))
                : await CommitAsync(Put($"{writer}", $"{i}"), Put($"{writer}", $"{i}", Other));
            revisions.Add(committed.Revision);
        }

        return revisions;
    }

    private static void AssertPairs(Dictionary<ObjectId, Envelope> objects)
    {
        foreach (var envelope in objects.Values)
        {
            var pair = envelope.Id with { Type = envelope.Id.Type == Thing ? Other : Thing };
            Assert.True(objects.TryGetValue(pair, out var half), $"{pair} is missing: half an epoch");
            Assert.Equal(TextOf(envelope), TextOf(half));
        }
    }
}
