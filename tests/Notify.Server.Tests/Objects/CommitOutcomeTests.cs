using Notify.Client.Transport;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Server.Objects;
using Notify.Testing;
using static Notify.Server.Tests.Objects.ObjectsNode;

namespace Notify.Server.Tests.Objects;

/// <summary>What a writer is told while the store, or the way to it, misbehaves.</summary>
public sealed class CommitOutcomeTests
{
    [Theory]
    [InlineData(CommitFault.LosesTheAnswer, true)]
    [InlineData(CommitFault.LosesTheRequest, false)]
    public async Task Put_WhoseAnswerIsLost_SaysThatTheOutcomeIsUnknown(CommitFault fault, bool done)
    {
        await using var node = await StartAsync();
        await node.PutAsync(Flavor("before"));
        node.Store.CommitFault = fault;
        await FailsAsync(GrpcStatusCode.Unavailable, "outcome of the commit is unknown", () => node.PutAsync(Flavor("small")));

        node.Store.CommitFault = CommitFault.None;
        Assert.Equal(done ? WriteOutcome.Unchanged : WriteOutcome.Created, (await node.PutAsync(Flavor("small"))).Outcome);
    }

    [Fact]
    public async Task Put_ToAStoreThatHangs_EndsWithOutcomeUnknown()
    {
        await using var node = await StartAsync(new ObjectsOptions { CommitTimeout = TimeSpan.FromMilliseconds(50) });
        node.Store.CommitFault = CommitFault.Hangs;
        await FailsAsync(GrpcStatusCode.Unavailable, "outcome of the commit is unknown", () => node.PutAsync(Flavor("small")));
    }

    [Fact]
    public async Task Put_WithADeadlineToAStoreThatHangs_EndsBeforeItWithOutcomeUnknown()
    {
        await using var node = await StartAsync();
        node.Store.CommitFault = CommitFault.Hangs;
        var options = new GrpcCallOptions { Timeout = TimeSpan.FromSeconds(2) };
        var request = new PutRequest { Object = Pack(Flavor("small")) };
        await FailsAsync(
            GrpcStatusCode.Unavailable, "outcome of the commit is unknown", () => node.Client.UnaryAsync(ObjectsMethods.Put, request, options));
    }

    [Fact]
    public async Task Put_ToAStoreThatIsAway_SaysThatNothingWasChanged()
    {
        await using var node = await StartAsync();
        node.Store.CommitFault = CommitFault.Refuses;
        await FailsAsync(GrpcStatusCode.Unavailable, "nothing was changed", () => node.PutAsync(Flavor("small")));
    }

    [Fact]
    public async Task Put_WhileTheMirrorCannotFollow_SaysThatTheCommitIsDone()
    {
        await using var node = await StartAsync(new ObjectsOptions { MirrorTimeout = TimeSpan.FromMilliseconds(50) });
        await node.PutAsync(Flavor("before"));
        node.Store.IsUnreachable = true;
        node.Store.CutWatch();
        var failure = await FailsAsync(GrpcStatusCode.Unavailable, "The commit is done at revision", () => node.PutAsync(Flavor("small")));
        Assert.Equal($"{node.Mirror.Snapshot().StoredRevision}", failure.Trailers.GetText("notify-revision"));

        node.Store.IsUnreachable = false;
        var again = await node.Store.RevisionsAsync(node.Deadline);
        await node.Mirror.WaitForStoredRevisionAsync(again.Head, node.Deadline);
        Assert.Equal(1UL, (await node.GetAsync(FlavorName("small"))).Object.Value.Unpack<Flavor>().RamMb);
    }

    [Fact]
    public async Task Put_WhileTheMirrorCannotFollowAndTheHostStops_SaysThatTheCommitIsDone()
    {
        await using var node = await StartAsync();
        await node.PutAsync(Flavor("before"));
        node.Store.IsUnreachable = true;
        node.Store.CutWatch();
        node.Store.Committed += node.BeginStop;
        await FailsAsync(GrpcStatusCode.Unavailable, "The commit is done at revision", () => node.PutAsync(Flavor("small")));
    }

    private static async Task<GrpcException> FailsAsync(GrpcStatusCode code, string text, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<GrpcException>(call);
        Assert.Equal(code, failure.Code);
        Assert.Contains(text, failure.Status.Detail, StringComparison.Ordinal);
        return failure;
    }
}
