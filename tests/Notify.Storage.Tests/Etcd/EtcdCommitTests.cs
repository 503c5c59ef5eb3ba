using Notify.Core.Storage;
using Notify.Storage.Etcd;
using Notify.Storage.Etcd.Api;

namespace Notify.Storage.Tests.Etcd;

/// <summary>The one request that does a transaction: what it is conditional on decides what may come between.</summary>
public sealed class EtcdCommitTests
{
    private readonly EtcdKeys _keys = new("/notify/");

    [Fact]
    public void Request_OfACommit_IsConditionalOnAllThatWasReadAndPutsTheHead()
    {
        var state = new EtcdState(90, 80, 5)
        {
            [FedNode.Id(1)] = (70, FedNode.Put(1, "old").Envelope! with { Revision = 70 }),
            [FedNode.Id(2)] = (60, FedNode.Put(2, "same").Envelope! with { Revision = 60 }),
            [FedNode.Id(4)] = (50, null), // A value that is no object.
        };
        var transaction = new Transaction([FedNode.Put(1, "new"), FedNode.Put(2, "same"), StoreChange.Delete(FedNode.Id(3)), FedNode.Put(4, "new")])
        {
            Conditions = [RevisionCondition.Absent(FedNode.Id(5))],
        };
        Assert.Null(EtcdCommit.Refuse(state, transaction));
        var commit = EtcdCommit.Prepare(_keys, state, transaction);

        Assert.Equal(
            [
                (_keys.Incarnation, 5), (_keys.Of(FedNode.Id(1)), 70), (_keys.Of(FedNode.Id(2)), 60),
                (_keys.Of(FedNode.Id(3)), 0), (_keys.Of(FedNode.Id(4)), 50), (_keys.Of(FedNode.Id(5)), 0),
            ],
            commit.Request!.Compare.Select(compare => (compare.Key, compare.ModRevision)));
        Assert.Equal(
            [_keys.Head, _keys.Of(FedNode.Id(1)), _keys.Of(FedNode.Id(4))], commit.Request.Success.Select(one => one.RequestPut.Key));
        Assert.Equal(
            [new(ChangeOutcome.Updated, 91), new(ChangeOutcome.Unchanged, 60), new(ChangeOutcome.NotFound, 0), new(ChangeOutcome.Created, 91)],
            commit.Result(91).Results.AsEnumerable());
    }

    [Theory]
    [InlineData(127, false)]
    [InlineData(128, true)]
    public void Request_ThatReadsMoreThanEtcdCompares_IsConditionalOnTheHead(int reads, bool isOnHead)
    {
        var state = new EtcdState(90, 80, 5);
        var transaction = new Transaction([FedNode.Put(0, "1")])
        {
            Conditions = [.. Enumerable.Range(1, reads - 1).Select(i => RevisionCondition.Absent(FedNode.Id(i)))],
        };
        var compared = EtcdCommit.Prepare(_keys, state, transaction).Request!.Compare;

        Assert.Equal(isOnHead ? 2 : 128, compared.Count);
        Assert.Equal(isOnHead, compared.Contains(new Compare { Key = _keys.Head, Target = Compare.Types.CompareTarget.Mod, ModRevision = 80 }));
    }
}
