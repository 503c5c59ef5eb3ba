using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Storage.Etcd;
using Notify.Storage.Etcd.Values;

namespace Notify.Storage.Tests.Etcd;

/// <summary>What is in etcd, as docs/etcd.md says it, and what becomes of what others put there.</summary>
public sealed class EtcdLayoutTests(EtcdFixture fixture) : EtcdTest, IClassFixture<EtcdFixture>
{
    private readonly string _prefix = fixture.NextPrefix();

    [Fact]
    public async Task Keys_OfAStore_AreThoseThatAreDocumentedAndReadableWithEtcdctl()
    {
        await using var store = await OpenAsync();
        var key = new ObjectId(FedNode.Thing, ByteString.CopyFromUtf8("\n\x06" + "berlin/%é"));
        var envelope = new Envelope(key, ByteString.CopyFromUtf8("hello"))
        {
            Scopes = [new Scope("test.Scope", ByteString.CopyFromUtf8("s"))],
            References = [new ObjectId("test.Other", ByteString.CopyFromUtf8("o"))],
            Stamp = new Stamp("crm-1", 3, 9),
        };
        await CommitAsync(store, StoreChange.Put(envelope));

        var keys = (await fixture.Etcd.CtlAsync("get", "--prefix", "--keys-only", _prefix)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                _prefix + "format", _prefix + "head", _prefix + "incarnation",
                _prefix + "objects/test.Thing/%0A%06berlin%2F%25%C3%A9",
                _prefix + "store", _prefix + "types/test.Thing",
            ],
            keys);
        Assert.Equal($"{store.Identity.Store:N}", await GetAsync("store"));
        Assert.Equal($"{store.Identity.Incarnation:N}", await GetAsync("incarnation"));
        Assert.Equal("1", await GetAsync("format"));

        var json = await fixture.Etcd.CtlAsync("get", keys[3], "-w", "json");
        using var parsed = System.Text.Json.JsonDocument.Parse(json);
        var pair = parsed.RootElement.GetProperty("kvs")[0];
        var stored = StoredObject.Parser.ParseFrom(pair.GetProperty("value").GetBytesFromBase64());
        Assert.Equal(("hello", "crm-1"), (stored.Value.ToStringUtf8(), stored.Stamp.Node));
        Assert.Equal(("test.Scope", "test.Other"), (Assert.Single(stored.Scopes).Type, Assert.Single(stored.References).Type));
        Assert.Equal((await StateAsync(store))[key].Revision, pair.GetProperty("mod_revision").GetInt64());
    }

    [Fact]
    public async Task Garbage_PutByOthers_IsLoggedAndIgnoredAndTheWatchGoesOn()
    {
        await using var node = await FollowAsync(await OpenAsync());
        var kept = await CommitAsync(node.Store, FedNode.Put(1, "1"));
        string[] garbage =
        [
            "objects/test.Thing/%0a", "objects/test.Thing/%41", "objects/test.Thing/%4", "objects/test.Thing", "objects//x", "objects/test.Unknown/x",
            "objects/test.Thing/bad-value", "types/", "types/test.Broken", "types/a/b", "else", "",
        ];
        foreach (var key in garbage)
        {
            await fixture.Etcd.CtlAsync("put", _prefix + key, "\x01 what is this");
        }

        await fixture.Etcd.CtlAsync("put", _prefix + "objects/test.Unknown/y", ""); // An object, of a type that nobody knows.
        var next = await CommitAsync(node.Store, FedNode.Put(2, "1"));
        await node.Mirror.WaitForStoredRevisionAsync(next.Revision, Deadline);

        Assert.False(node.Running.IsCompleted);
        Assert.Equal([FedNode.Id(1), FedNode.Id(2)], node.Mirror.Snapshot().List(FedNode.Thing).Select(one => one.Id));
        Assert.Equal(0, node.Mirror.Snapshot().Count("test.Unknown"));
        Assert.Equal(kept.Revision, node.Mirror.Snapshot().Find(FedNode.Id(1))!.Revision);
        Assert.All(garbage, key => Assert.Contains(Log.Lines, line => line.StartsWith($"Error 4200 Key {_prefix}{key} in etcd", StringComparison.Ordinal)));

        Assert.Contains(Log.Lines, line => line.Contains("test.Unknown/y", StringComparison.Ordinal));

        // Who starts now sees the same, and objects whose value is no object can be written over.
        await using var late = await FollowAsync(await OpenAsync(), horizon: 2);
        Assert.Equal(node.Mirror.Snapshot().List(FedNode.Thing), late.Mirror.Snapshot().List(FedNode.Thing));
        var bad = new ObjectId(FedNode.Thing, ByteString.CopyFromUtf8("bad-value"));
        var repaired = await CommitAsync(node.Store, StoreChange.Put(new Envelope(bad, ByteString.Empty)));
        Assert.Equal(ChangeOutcome.Created, repaired.Results[0].Outcome);
    }

    [Fact]
    public async Task Value_BrokenByOthers_IsAsIfTheObjectWereDeleted()
    {
        await using var node = await FollowAsync(await OpenAsync());
        await CommitAsync(node.Store, FedNode.Put(1, "1"), FedNode.Put(2, "1"));
        await fixture.Etcd.CtlAsync("put", $"{_prefix}objects/test.Thing/%08%02", "\x01 broken");
        var next = await CommitAsync(node.Store, FedNode.Put(3, "1"));
        await node.Mirror.WaitForStoredRevisionAsync(next.Revision, Deadline);

        ObjectId[] left = [FedNode.Id(2), FedNode.Id(3)];
        Assert.Equal(left, node.Mirror.Snapshot().List(FedNode.Thing).Select(one => one.Id));
        Assert.Equal(left, (await StateAsync(node.Store)).Keys.Order());
    }

    [Fact]
    public async Task Object_DeletedByEtcdctl_LeavesTheMirror()
    {
        await using var node = await FollowAsync(await OpenAsync());
        var last = await CommitAsync(node.Store, FedNode.Put(1, "1"), FedNode.Put(2, "1"));
        await fixture.Etcd.CtlAsync("del", $"{_prefix}objects/test.Thing/%08%02");

        await node.Mirror.WaitForStoredRevisionAsync(last.Revision + 1, Deadline);
        Assert.Equal([FedNode.Id(2)], node.Mirror.Snapshot().List(FedNode.Thing).Select(one => one.Id));
    }

    [Fact]
    public async Task Prefix_DeletedByEtcdctl_EndsTheFeedAndFlushesNothing()
    {
        await using var node = await FollowAsync(await OpenAsync());
        var last = await CommitAsync(node.Store, FedNode.Put(1, "1"));
        await node.Mirror.WaitForStoredRevisionAsync(last.Revision, Deadline);
        await fixture.Etcd.CtlAsync("del", "--prefix", _prefix);

        await Assert.ThrowsAsync<StoreReplacedException>(() => node.Running.WaitAsync(Deadline));
        Assert.Equal(1, node.Mirror.Snapshot().Count(FedNode.Thing));
    }

    [Theory]
    [InlineData("2", "formats up to 1")]
    [InlineData("new", "no number")]
    public async Task Open_OfAnotherFormat_IsRefused(string format, string reason)
    {
        await (await OpenAsync()).DisposeAsync();
        await fixture.Etcd.CtlAsync("put", _prefix + "format", format);
        var refused = await Assert.ThrowsAsync<EtcdLayoutException>(OpenAsync);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_BySeveralAtOnce_MakesOneStore()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(OpenAsync)));
        Assert.Single(stores.Select(store => store.Identity).Distinct());
        Assert.Empty(Log.Lines);
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task Commits_OfTwoControllers_AreTheSameEpochsAtTheSameRevisionsForBoth()
    {
        await using var first = await FollowAsync(await OpenAsync());
        await using var second = await FollowAsync(await OpenAsync());
        var done = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() =>
            CommitAsync((i % 2 == 0 ? first : second).Store, FedNode.Put(i % 5, $"{i}"), FedNode.Put(100 + i, $"{i}")))));
        var last = done.Max(commit => commit.Revision);
        await first.Mirror.WaitForStoredRevisionAsync(last, Deadline);
        await second.Mirror.WaitForStoredRevisionAsync(last, Deadline);

        Assert.Equal(40, done.Select(commit => commit.Revision).Distinct().Count());
        Assert.Equal(45, first.Mirror.Snapshot().Count(FedNode.Thing));
        Assert.Equal(first.Mirror.Snapshot().List(FedNode.Thing), second.Mirror.Snapshot().List(FedNode.Thing));
    }

    [Fact]
    public async Task Watch_OverLargeCommits_PutsTheirPartsTogether()
    {
        await using var store = await OpenAsync();
        var start = (await store.RevisionsAsync(Deadline)).Head;
        for (var i = 0; i < 6; i++)
        {
            await CommitAsync(store, [.. Enumerable.Range(0, 9).Select(one => FedNode.Put((10 * i) + one, new string('x', 100_000)))]);
        }

        var epochs = new List<StoreEpoch>();
        await foreach (var epoch in store.WatchAsync(start, Deadline))
        {
            epochs.Add(epoch);
            if (epochs.Count == 6)
            {
                break;
            }
        }

        Assert.All(epochs, epoch => Assert.Equal(9, epoch.Changes.Length));
        Assert.Equal(54, (await StateAsync(store)).Count);
    }

    [Fact]
    public async Task Snapshot_WithLargeObjectsBehindManySmallOnes_IsReadInSmallerPages()
    {
        await using var store = await OpenAsync(Options(fixture.Etcd.Address) with { Prefix = _prefix, AnswerBytesMax = 1 << 20 });
        await CommitAsync(store, [.. Enumerable.Range(0, 100).Select(i => FedNode.Put(i, "small"))]);
        foreach (var some in Enumerable.Range(100, 60).Chunk(5))
        {
            await CommitAsync(store, [.. some.Select(i => FedNode.Put(i, new string('x', 100_000)))]);
        }

        Assert.Equal(160, (await StateAsync(store)).Count);
    }

    [Fact]
    public async Task Commit_OfHundredChangesOnHundredOtherConditions_IsTakenAndStillChecked()
    {
        await using var store = await OpenAsync();
        var changes = Enumerable.Range(0, 100).Select(i => FedNode.Put(i, "1")).ToArray();
        var absent = Enumerable.Range(100, 100).Select(i => RevisionCondition.Absent(FedNode.Id(i))).ToArray();
        var done = await store.CommitAsync(new Transaction([.. changes]) { Conditions = [.. absent] }, Deadline);
        Assert.IsType<CommitResult.Committed>(done);

        await CommitAsync(store, FedNode.Put(150, "1"));
        changes = [.. changes.Select(change => StoreChange.Delete(change.Id))];
        var failed = Assert.IsType<CommitResult.ConditionFailed>(
            await store.CommitAsync(new Transaction([.. changes]) { Conditions = [.. absent] }, Deadline));
        Assert.Equal(FedNode.Id(150), Assert.Single(failed.Failed).Condition.Id);
    }

    [Fact]
    public async Task Commit_BeyondEtcdsRequest_IsRejected()
    {
        await using var store = await OpenAsync(Lax(1536 * 1024));
        var rejected = await RejectAsync(store, 1_600_000);
        Assert.Contains("the limit is 1572864", rejected.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_600_000, "request is too large")]
    [InlineData(2_200_000, "larger than max")]
    public async Task Commit_BeyondWhatTheClusterWasSetTo_IsRejected(int bytes, string reason)
    {
        await using var store = await OpenAsync(Lax(4 << 20));
        var rejected = await RejectAsync(store, bytes);
        Assert.Contains(reason, rejected.Message, StringComparison.Ordinal);
        await CommitAsync(store, FedNode.Put(1, "small"));
    }

    [Fact]
    public async Task Declare_OfMoreTypesThanACommitTakes_DeclaresThemAll()
    {
        await using var store = await OpenAsync();
        var types = Enumerable.Range(0, 250).Select(i => FedNode.Declaration($"test.Type{i}")).ToList();
        var revision = await store.DeclareAsync([.. types], Deadline);
        var snapshot = await store.SnapshotAsync(0, Deadline);
        Assert.Equal((revision, 251), (snapshot.Revision, snapshot.Declarations.Length));
    }

    [Fact]
    public void Options_ByDefault_AreThoseTheDocumentationNames()
    {
        var options = new EtcdStoreOptions { Endpoints = [] };
        Assert.Equal(("/notify/", 1536 * 1024, 1000), (options.Prefix, options.RequestBytesMax, options.TickRevisions));
        Assert.Equal((3, 2, 3), (options.RequestTimeout.Seconds, options.ProgressInterval.Seconds, options.ProgressTimeout.Seconds));
    }

    [Fact]
    public async Task Open_WithWrongOptions_SaysAllThatIsWrong()
    {
        var wrong = new EtcdStoreOptions
        {
            Endpoints = [new Uri("ftp://one:1")],
            Prefix = "notify",
            Password = "secret",
            Limits = new StoreLimits { ChangesMax = 128 },
        };
        var refused = await Assert.ThrowsAsync<ArgumentException>(
            async () => await EtcdObjectStore.OpenAsync(wrong, new Random(), NullLogger<EtcdObjectStore>.Instance, Deadline));
        Assert.All(
            new[] { "ftp://one:1", "Prefix: 'notify'", "no user", "128 changes" },
            problem => Assert.Contains(problem, refused.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", wrong.ToString(), StringComparison.Ordinal);
    }

    private EtcdStoreOptions Lax(int requestBytesMax) => Options(fixture.Etcd.Address) with
    {
        Prefix = _prefix,
        Limits = new StoreLimits { CommitBytesMax = 8 << 20 },
        RequestBytesMax = requestBytesMax,
    };

    private async Task<CommitResult.Rejected> RejectAsync(EtcdObjectStore store, int bytes)
    {
        var third = new string('x', bytes / 3);
        var result = await store.CommitAsync(new Transaction([FedNode.Put(1, third), FedNode.Put(2, third), FedNode.Put(3, third)]), Deadline);
        var rejected = Assert.IsType<CommitResult.Rejected>(result);
        Assert.Equal(TransactionFault.CommitTooLarge, rejected.Fault);
        return rejected;
    }

    private Task<EtcdObjectStore> OpenAsync() => OpenAsync(Options(fixture.Etcd.Address) with { Prefix = _prefix });

    private Task<string> GetAsync(string key) => fixture.Etcd.CtlAsync("get", "--print-value-only", _prefix + key);
}
