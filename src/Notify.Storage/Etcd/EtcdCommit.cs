using System.Collections.Immutable;
using Google.Protobuf;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Storage.Etcd.Api;

namespace Notify.Storage.Etcd;

/// <summary>
/// Decides what a transaction does to the state that was read, and makes the one request that does it where nothing of that state has changed
/// meanwhile. Pure.
/// </summary>
internal sealed class EtcdCommit
{
    /// <summary>The most operations of a list in a request to etcd (its <c>--max-txn-ops</c>).</summary>
    public const int OperationsMax = 128;

    /// <summary>The most changes: each commit puts the head too.</summary>
    public const int ChangesMost = OperationsMax - 1;

    /// <summary>Bytes of a request beside the objects in it: kept free of a single large object, for its key in three forms and etcd's own.</summary>
    public const int OverheadBytes = 64 * 1024;

    private readonly EtcdKeys _keys;
    private readonly EtcdState _state;
    private readonly Transaction _transaction;
    private readonly ImmutableArray<ChangeOutcome> _outcomes;

    private EtcdCommit(EtcdKeys keys, EtcdState state, Transaction transaction)
    {
        (_keys, _state, _transaction) = (keys, state, transaction);
        _outcomes = [.. transaction.Changes.Select(change => OutcomeOf(change, state[change.Id].Envelope))];
    }

    /// <summary>The request; null where the state already is what the transaction wants.</summary>
    public TxnRequest? Request { get; private init; }

    /// <summary>The objects that have to be read.</summary>
    public static IEnumerable<ObjectId> Reads(Transaction transaction) =>
        transaction.Changes.Select(change => change.Id).Union(transaction.Conditions.Select(condition => condition.Id));

    /// <summary>Judges a transaction by the state; null where its conditions hold.</summary>
    public static CommitResult? Refuse(EtcdState state, Transaction transaction)
    {
        var failed = transaction.Conditions
            .Select(condition => new FailedCondition(condition, state[condition.Id].Envelope?.Revision ?? 0))
            .Where(failure => failure.CurrentRevision != failure.Condition.Revision)
            .ToImmutableArray();
        return failed.IsEmpty ? null : new CommitResult.ConditionFailed(state.Head, failed);
    }

    /// <summary>Prepares a transaction whose conditions hold in the state.</summary>
    public static EtcdCommit Prepare(EtcdKeys keys, EtcdState state, Transaction transaction)
    {
        var commit = new EtcdCommit(keys, state, transaction);
        return commit._outcomes.All(IsNothing) ? commit : new EtcdCommit(keys, state, transaction) { Request = commit.MakeRequest() };
    }

    /// <summary>The result where the request was done at a revision, or was not needed.</summary>
    public CommitResult.Committed Result(long revision) => new(
        revision,
        [.. _transaction.Changes.Zip(_outcomes, (change, outcome) => new ChangeResult(outcome, outcome switch
        {
            ChangeOutcome.Unchanged => _state[change.Id].Envelope!.Revision, // It is unchanged because it is there.
            ChangeOutcome.NotFound => 0,
            _ => revision,
        }))]);

    /// <summary>A comparison that holds while a key's version is the one with this mod revision, or while there is none (0).</summary>
    public static Compare Unchanged(ByteString key, long modRevision) =>
        new() { Key = key, Target = Compare.Types.CompareTarget.Mod, Result = Compare.Types.CompareResult.Equal, ModRevision = modRevision };

    /// <summary>An operation that puts a key.</summary>
    public static RequestOp Put(ByteString key, ByteString value) => new() { RequestPut = new PutRequest { Key = key, Value = value } };

    private static bool IsNothing(ChangeOutcome outcome) => outcome is ChangeOutcome.Unchanged or ChangeOutcome.NotFound;

    private static ChangeOutcome OutcomeOf(StoreChange change, Envelope? held) => (change.Envelope, held) switch
    {
        (null, null) => ChangeOutcome.NotFound,
        (null, _) => ChangeOutcome.Deleted,
        (_, null) => ChangeOutcome.Created,
        var (put, _) when held.SameContent(put) && held.Stamp == put.Stamp => ChangeOutcome.Unchanged,
        _ => ChangeOutcome.Updated,
    };

    private TxnRequest MakeRequest()
    {
        var request = new TxnRequest();
        request.Compare.Add(Unchanged(_keys.Incarnation, _state.IncarnationModRevision));
        var read = Reads(_transaction).ToList();
        if (read.Count < OperationsMax)
        {
            request.Compare.Add(read.Select(id => Unchanged(_keys.Of(id), _state[id].ModRevision)));
        }
        else
        {
            // Too many to compare: no other commit at all may have come between, though it may have changed other objects.
            request.Compare.Add(Unchanged(_keys.Head, _state.Head));
        }

        request.Success.Add(Put(_keys.Head, ByteString.Empty));
        foreach (var (change, outcome) in _transaction.Changes.Zip(_outcomes))
        {
            if (!IsNothing(outcome))
            {
                var key = _keys.Of(change.Id);
                request.Success.Add(change.Envelope is { } envelope
                    ? Put(key, EtcdCodec.Write(envelope))
                    : new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = key } });
            }
        }

        return request;
    }
}
