using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Core.Storage;
using Notify.Server.Transport;

namespace Notify.Server.Objects;

/// <summary>
/// Commits to the store and answers when this node's mirror shows the commit, so that who has written here reads it here.
/// </summary>
internal sealed partial class ObjectWriter(
    Mirror mirror, IObjectStore store, ObjectsOptions options, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan AnswerMargin = TimeSpan.FromMilliseconds(500);

    private readonly ObjectRequests _requests = new(mirror.Types);

    private Space SpaceNow => ObjectViews.SpaceOf(store.Identity.ToSpace(), SpaceKind.Stored)!; // A space of something is not null.

    public async Task<PutResponse> PutAsync(PutRequest request, ServerCall call)
    {
        var envelope = _requests.ReadPut("object", request.Object);
        var committed = await CommitAsync(
            [StoreChange.Put(envelope)],
            request.HasExpectedRevision ? [new(envelope.Id, Positive("expected_revision", request.ExpectedRevision))] : [],
            call).ConfigureAwait(false);
        var (outcome, revision) = committed.Results[0];
        return new PutResponse { Outcome = OutcomeOf(outcome), Revision = revision, Space = SpaceNow };
    }

    public async Task<DeleteResponse> DeleteAsync(DeleteRequest request, ServerCall call)
    {
        var id = _requests.ReadDelete("object", request.Object);
        if (request is { HasExpectedRevision: true, ExpectedRevision: 0 })
        {
            throw ObjectErrors.Invalid("expected_revision", "0 says that there is no such object, which leaves nothing to delete.");
        }

        var committed = await CommitAsync(
            [StoreChange.Delete(id)],
            request.HasExpectedRevision ? [new(id, Positive("expected_revision", request.ExpectedRevision))] : [],
            call).ConfigureAwait(false);
        return committed.Results[0].Outcome == ChangeOutcome.NotFound
            ? throw ObjectErrors.NotFound(id, committed.Revision)
            : new DeleteResponse { Revision = committed.Revision, Space = SpaceNow };
    }

    public async Task<CommitResponse> CommitAsync(CommitRequest request, ServerCall call)
    {
        var changes = ImmutableArray.CreateBuilder<StoreChange>(request.Changes.Count);
        var conditions = ImmutableArray.CreateBuilder<RevisionCondition>();
        for (var i = 0; i < request.Changes.Count; i++)
        {
            var (field, change) = ($"changes[{i}]", request.Changes[i]);
            changes.Add(change.ChangeCase switch
            {
                WriteChange.ChangeOneofCase.Put => StoreChange.Put(_requests.ReadPut(field + ".put", change.Put)),
                WriteChange.ChangeOneofCase.Delete => StoreChange.Delete(_requests.ReadDelete(field + ".delete", change.Delete)),
                _ => throw ObjectErrors.Invalid(field, "is neither a put nor a delete."),
            });
            if (change.HasExpectedRevision)
            {
                conditions.Add(new(changes[i].Id, Positive(field + ".expected_revision", change.ExpectedRevision)));
            }
        }

        for (var i = 0; i < request.Conditions.Count; i++)
        {
            var (field, condition) = ($"conditions[{i}]", request.Conditions[i]);
            conditions.Add(new(
                _requests.ReadName(field + ".object", condition.Object), Positive(field + ".revision", condition.Revision)));
        }

        var committed = await CommitAsync(changes.MoveToImmutable(), conditions.ToImmutable(), call).ConfigureAwait(false);
        var response = new CommitResponse { Revision = committed.Revision, Space = SpaceNow };
        response.Results.AddRange(committed.Results.Select(result =>
            new WriteResult { Outcome = OutcomeOf(result.Outcome), Revision = result.Revision }));
        return response;
    }

    private static long Positive(string field, long revision) =>
        revision >= 0 ? revision : throw ObjectErrors.Invalid(field, $"{revision} is not a revision.");

    private static WriteOutcome OutcomeOf(ChangeOutcome outcome) => outcome switch
    {
        ChangeOutcome.Created => WriteOutcome.Created,
        ChangeOutcome.Updated => WriteOutcome.Updated,
        ChangeOutcome.Unchanged => WriteOutcome.Unchanged,
        ChangeOutcome.Deleted => WriteOutcome.Deleted,
        _ => WriteOutcome.NotFound,
    };

    private async Task<CommitResult.Committed> CommitAsync(
        ImmutableArray<StoreChange> changes, ImmutableArray<RevisionCondition> conditions, ServerCall call)
    {
        var transaction = new Transaction(changes) { Conditions = conditions };
        var result = await TryCommitAsync(transaction, TimeoutOf(call), call.CancellationToken).ConfigureAwait(false);
        switch (result)
        {
            case CommitResult.Committed committed:
                await AwaitMirrorAsync(committed, call.CancellationToken).ConfigureAwait(false);
                return committed;
            case CommitResult.ConditionFailed failed:
                throw ObjectErrors.ConditionFailed(failed);
            case CommitResult.Rejected rejected:
                throw ObjectErrors.Rejected(rejected);
            default:
                throw new InvalidOperationException($"The store answered {result}.");
        }
    }

    /// <summary>
    /// Ends a little before the call does, so that the client is told that the outcome is unknown rather than that its time is over.
    /// </summary>
    private TimeSpan TimeoutOf(ServerCall call)
    {
        if (call.Timeout is not { } left)
        {
            return options.CommitTimeout;
        }

        var margin = left / 5 < AnswerMargin ? left / 5 : AnswerMargin;
        return left - margin < options.CommitTimeout ? left - margin : options.CommitTimeout;
    }

    private async Task<CommitResult> TryCommitAsync(Transaction transaction, TimeSpan timeLimit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(timeLimit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var result = await store.CommitAsync(transaction, either.Token).ConfigureAwait(false);
            if (result is not CommitResult.Rejected { Fault: TransactionFault.UndeclaredType })
            {
                return result;
            }

            await store.DeclareAsync(StoredTypes(), either.Token).ConfigureAwait(false);
            return await store.CommitAsync(transaction, either.Token).ConfigureAwait(false);
        }
        catch (CommitOutcomeUnknownException e)
        {
            Log.OutcomeUnknown(logger, transaction.Changes.Length, e);
            throw ObjectErrors.OutcomeUnknown(e);
        }
        catch (StoreUnavailableException e)
        {
            throw ObjectErrors.StoreUnavailable(e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw ObjectErrors.StoreUnavailable(e);
        }
    }

    /// <summary>The store learns of a type when its first object is put, not at start: a registered type may never be used.</summary>
    private ImmutableArray<Core.Types.TypeDeclaration> StoredTypes() =>
        [.. mirror.Types.All.Where(type => !type.IsDynamic).Select(type => type.Declaration)];

    private async Task AwaitMirrorAsync(CommitResult.Committed committed, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.MirrorTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await mirror.WaitForStoredRevisionAsync(committed.Revision, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Whoever ended the wait, a host that stops too: the caller has to learn that the commit is done.
            Log.MirrorBehind(logger, committed.Revision, mirror.Snapshot().StoredRevision);
            throw ObjectErrors.Behind(committed.Revision, mirror.Snapshot().StoredRevision, $"The commit is done at revision {committed.Revision}");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5000, LogLevel.Warning, "The outcome of a commit of {Changes} changes is unknown")]
        public static partial void OutcomeUnknown(ILogger logger, int changes, Exception exception);

        [LoggerMessage(5001, LogLevel.Warning, "The mirror did not reach revision {Revision} of a commit made here in time; it is at {Current}")]
        public static partial void MirrorBehind(ILogger logger, long revision, long current);
    }
}
