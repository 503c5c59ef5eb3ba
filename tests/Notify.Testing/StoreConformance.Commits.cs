using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf;
using Notify.Core.Storage;
using Notify.Core.Types;
using Xunit;

namespace Notify.Testing;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task Identity_OfAnOpenStore_IsNotEmptyAndStays()
    {
        var identity = Store.Identity;
        await CommitAsync(Put("a", "1"));

        Assert.Equal(identity, Store.Identity);
        Assert.NotEqual(default, identity.Store);
        Assert.NotEqual(default, identity.Incarnation);
    }

    [Fact]
    public async Task Commit_OfSeveralChanges_GivesAllOneRevisionAboveTheLast()
    {
        var first = await CommitAsync(Put("a", "1"));
        var second = await CommitAsync(Put("a", "2"), Put("b", "2", Other), Put("c", "2"));
        var third = await CommitAsync(Delete("c"), Put("b", "3", Other));

        Assert.True(first.Revision < second.Revision && second.Revision < third.Revision);
        Assert.Equal(
            [new(ChangeOutcome.Updated, second.Revision), new(ChangeOutcome.Created, second.Revision), new(ChangeOutcome.Created, second.Revision)],
            second.Results.AsEnumerable());
        Assert.Equal([new(ChangeOutcome.Deleted, third.Revision), new(ChangeOutcome.Updated, third.Revision)], third.Results.AsEnumerable());
        var (revision, objects) = await StateAsync();
        Assert.True(revision >= third.Revision);
        Assert.Equal(second.Revision, objects[Id("a")].Revision);
        Assert.Equal(third.Revision, objects[Id("b", Other)].Revision);
        Assert.DoesNotContain(Id("c"), objects.Keys);
    }

    [Fact]
    public async Task Commit_OfUnchangedContent_MakesNoRevision()
    {
        var first = await CommitAsync(Put("a", "1"), Put("b", "1"));
        var head = await HeadAsync();
        var again = await CommitAsync(Put("a", "1"), Put("b", "1"));

        Assert.False(again.MadeRevision);
        Assert.True(again.Revision >= first.Revision);
        Assert.All(again.Results, result => Assert.Equal(new ChangeResult(ChangeOutcome.Unchanged, first.Revision), result));
        Assert.Equal(head, await HeadAsync());
    }

    [Fact]
    public async Task Commit_WithSomeContentUnchanged_LeavesThatOutOfTheEpoch()
    {
        var first = await CommitAsync(Put("a", "1"), Put("b", "1"));
        var second = await CommitAsync(Put("a", "1"), Put("b", "2"), Delete("missing"));

        Assert.True(second.MadeRevision);
        Assert.Equal(
            [new(ChangeOutcome.Unchanged, first.Revision), new(ChangeOutcome.Updated, second.Revision), new(ChangeOutcome.NotFound, 0)],
            second.Results.AsEnumerable());
        var epoch = Assert.Single(await EpochsAsync(first.Revision, second.Revision));
        Assert.Equal([Id("b")], epoch.Changes.Select(change => change.Id));
    }

    [Fact]
    public async Task Commit_WithSameValueAndOtherScopesReferencesOrStamp_IsAnUpdate()
    {
        var plain = new Envelope(Id("a"), ByteString.CopyFromUtf8("1"));
        Envelope[] versions =
        [
            plain,
            plain with { Scopes = [new Scope("test.Scope", Id("s").Key)] },
            plain with { References = [Id("r", Other)] },
            plain with { Stamp = new Stamp("node", 1, 7) },
            plain with { Stamp = new Stamp("node", 2, 1) },
        ];
        foreach (var version in versions)
        {
            var committed = await CommitAsync(StoreChange.Put(version));
            Assert.True(committed.MadeRevision);
            Assert.Equal(version with { Revision = committed.Revision }, (await StateAsync()).Objects[version.Id]);
            Assert.False((await CommitAsync(StoreChange.Put(version))).MadeRevision);
        }
    }

    [Fact]
    public async Task Delete_OfAMissingObject_IsNotFoundAndMakesNoRevision()
    {
        await CommitAsync(Put("a", "1"));
        await CommitAsync(Delete("a"));
        var head = await HeadAsync();
        var result = await CommitAsync(Delete("a"), Delete("never"));

        Assert.False(result.MadeRevision);
        Assert.All(result.Results, change => Assert.Equal(new ChangeResult(ChangeOutcome.NotFound, 0), change));
        Assert.Equal(head, await HeadAsync());
    }

    [Fact]
    public async Task Commit_AfterADelete_CreatesAtAHigherRevision()
    {
        await CommitAsync(Put("a", "1"));
        var deleted = await CommitAsync(Delete("a"));
        var created = await CommitAsync(Put("a", "1"));

        Assert.Equal(ChangeOutcome.Created, created.Results[0].Outcome);
        Assert.True(created.Revision > deleted.Revision);
    }

    [Fact]
    public async Task Condition_OnTheCurrentRevision_Commits()
    {
        var created = Assert.IsType<CommitResult.Committed>(await TryCommitAsync(RevisionCondition.Absent(Id("a")), Put("a", "1")));
        var updated = Assert.IsType<CommitResult.Committed>(await TryCommitAsync(new(Id("a"), created.Revision), Put("a", "2")));
        var elsewhere = Assert.IsType<CommitResult.Committed>(await TryCommitAsync(new(Id("a"), updated.Revision), Put("b", "1")));
        var checkOnly = Assert.IsType<CommitResult.Committed>(await TryCommitAsync(new(Id("a"), updated.Revision)));

        Assert.Equal(elsewhere.Revision, checkOnly.Revision);
        Assert.False(checkOnly.MadeRevision);
        Assert.IsType<CommitResult.Committed>(await TryCommitAsync(new(Id("a"), updated.Revision), Delete("a")));
    }

    [Fact]
    public async Task Condition_OnAnotherRevision_NamesTheCurrentOnesAndChangesNothing()
    {
        var first = await CommitAsync(Put("a", "1"), Put("b", "1"));
        var second = await CommitAsync(Put("a", "2"));
        var transaction = new Transaction([Put("a", "3"), Put("c", "3"), Delete("b")])
        {
            Conditions = [new(Id("a"), first.Revision), new(Id("b"), first.Revision), new(Id("c"), second.Revision), RevisionCondition.Absent(Id("b", Other))],
        };
        var failure = Assert.IsType<CommitResult.ConditionFailed>(await Store.CommitAsync(transaction, Deadline));

        Assert.Equal(
            [new(transaction.Conditions[0], second.Revision), new(transaction.Conditions[2], 0)],
            failure.Failed.AsEnumerable());
        Assert.Equal(await HeadAsync(), failure.Revision);
        var (_, objects) = await StateAsync();
        Assert.Equal(second.Revision, objects[Id("a")].Revision);
        Assert.Equal([Id("a"), Id("b")], objects.Keys.Order());
    }

    [Fact]
    public async Task Condition_OnAbsence_FailsWhileTheObjectExists()
    {
        var created = await CommitAsync(Put("a", "1"));
        var failure = Assert.IsType<CommitResult.ConditionFailed>(await TryCommitAsync(RevisionCondition.Absent(Id("a")), Put("a", "2")));

        Assert.Equal(created.Revision, Assert.Single(failure.Failed).CurrentRevision);
        await CommitAsync(Delete("a"));
        Assert.IsType<CommitResult.Committed>(await TryCommitAsync(RevisionCondition.Absent(Id("a")), Put("a", "2")));
    }

    [Fact]
    public async Task Commit_AtTheLimits_IsTakenAndBeyondThem_Rejected()
    {
        await CommitAsync([.. Enumerable.Range(0, 10).Select(i => Put($"{i}", "x"))]);
        await RejectedAsync(TransactionFault.TooManyChanges, [.. Enumerable.Range(0, 11).Select(i => Put($"{i}", "y"))]);

        var overhead = (int)StoreLimits.SizeOf(Put("a", ""));
        await CommitAsync(Put("a", new('x', 1000 - overhead)));
        await RejectedAsync(TransactionFault.ObjectTooLarge, Put("a", new('y', 1001 - overhead)));

        await CommitAsync([.. Enumerable.Range(0, 4).Select(i => Put($"{i}", new('x', 1000 - overhead)))]);
        await RejectedAsync(
            TransactionFault.CommitTooLarge, [.. Enumerable.Range(0, 4).Select(i => Put($"{i}", new('y', 1000 - overhead))), Delete("b")]);
    }

    [Fact]
    public async Task Commit_ThatNamesAnObjectTwice_IsRejected()
    {
        await RejectedAsync(TransactionFault.DuplicateObject, Put("a", "1"), Put("b", "1"), Delete("a"));
        var twice = new Transaction([Put("a", "1")]) { Conditions = [RevisionCondition.Absent(Id("a")), new(Id("a"), 3)] };
        Assert.Equal(
            TransactionFault.DuplicateObject, Assert.IsType<CommitResult.Rejected>(await Store.CommitAsync(twice, Deadline)).Fault);
    }

    [Fact]
    public async Task Commit_OfAnUndeclaredType_IsRejectedUntilItIsDeclared()
    {
        await RejectedAsync(TransactionFault.UndeclaredType, Put("a", "1"), Put("a", "1", "test.Unknown"));
        await Store.DeclareAsync([Declaration("test.Unknown")], Deadline);
        await CommitAsync(Put("a", "1"), Put("a", "1", "test.Unknown"));
    }

    [Fact]
    public async Task Commit_ByConcurrentWriters_Serialises()
    {
        const int Writers = 8;
        const int IncrementsEach = 25;
        var created = await CommitAsync(Put("counter", "0"));
        var revisions = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(() => IncrementAsync(created.Revision, IncrementsEach))));

        var (_, objects) = await StateAsync();
        Assert.Equal($"{Writers * IncrementsEach}", TextOf(objects[Id("counter")]));
        var all = revisions.SelectMany(list => list).ToList();
        Assert.Equal(Writers * IncrementsEach, all.Distinct().Count());
        Assert.All(revisions, list => Assert.Equal(list.Order(), list));
        var epochs = await EpochsAsync(created.Revision, all.Max());
        Assert.Equal(Enumerable.Range(1, Writers * IncrementsEach).Select(i => $"{i}"), epochs.Select(epoch => TextOf(epoch.Changes[0].Envelope!)));
    }

    [Fact]
    public async Task Commit_CancelledBeforeItWasGivenToTheStore_ChangesNothing()
    {
        var head = await HeadAsync();
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Store.CommitAsync(new Transaction([Put("a", "1")]), cancelled));

        Assert.Equal(head, await HeadAsync());
        Assert.Empty((await StateAsync()).Objects);
    }

    [Fact]
    public async Task Commit_CancelledOnItsWay_IsWholeOrAbsentAsItsEndSays()
    {
        for (var i = 0; i < 50; i++)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
            var transaction = new Transaction([Put($"a{i}", "1"), Put($"b{i}", "1", Other)]);
            var canceller = Task.Run(cancel.Cancel);
            bool? committed;
            try
            {
                committed = await Store.CommitAsync(transaction, cancel.Token) is CommitResult.Committed;
            }
            catch (OperationCanceledException)
            {
                committed = false;
            }
            catch (CommitOutcomeUnknownException)
            {
                committed = null;
            }

            await canceller;
            var (_, objects) = await StateAsync();
            Assert.Equal(objects.ContainsKey(Id($"a{i}")), objects.ContainsKey(Id($"b{i}", Other)));
            Assert.True(committed is null || committed == objects.ContainsKey(Id($"a{i}")), $"committed {committed}, but the state says otherwise");
        }
    }

    private async Task RejectedAsync(TransactionFault fault, params StoreChange[] changes)
    {
        var before = await StateAsync();
        var rejected = Assert.IsType<CommitResult.Rejected>(await Store.CommitAsync(new Transaction([.. changes]), Deadline));
        Assert.Equal(fault, rejected.Fault);
        Assert.NotEmpty(rejected.Message);
        var after = await StateAsync();
        Assert.Equal(before.Revision, after.Revision);
        AssertSame(before.Objects, after.Objects);
    }

    private async Task<ImmutableArray<long>> IncrementAsync(long revision, int times)
    {
        var made = ImmutableArray.CreateBuilder<long>();
        while (made.Count < times)
        {
            var (_, objects) = await StateAsync();
            var counter = objects[Id("counter")];
            Assert.True(counter.Revision >= revision, "a writer saw a state older than its own commit");
            var next = int.Parse(TextOf(counter), CultureInfo.InvariantCulture) + 1;
            if (await TryCommitAsync(new(counter.Id, counter.Revision), Put("counter", $"{next}")) is CommitResult.Committed committed)
            {
                made.Add(revision = committed.Revision);
            }
        }

        return made.ToImmutable();
    }
}
