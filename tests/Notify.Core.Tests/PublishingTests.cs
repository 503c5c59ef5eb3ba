using Notify.Core.Storage;
using Notify.Core.Storage.Sharing;
using Notify.Core.Types;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>What a controller's publisher does when the store answers late, not at all, or with something else than it hoped for.</summary>
public sealed class PublishingTests : SharedTree
{
    [Fact]
    public void RecordOfAControllerThatLives_IsPutAgain_AsSoonAsTheMirrorShowsThatItIsGone()
    {
        Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        _store.Delete(RecordOf(_first)); // Its lease does not know yet.
        _tree.Settle();

        Assert.Contains(_store.Objects(Records.Controllers.Name), record => record.Id == RecordOf(_first));
        Assert.Equal(["+Report/r=1"], _seen.Events);
    }

    [Fact]
    public void LostLease_IsTakenAgain_WhileTheMirrorIsBehindTheLastCommit()
    {
        Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        _first.IsBehind = true;
        Publish(_owner, Object(Report, "r", "2", "berlin"));
        _first.Expire();
        _tree.Settle();

        Assert.True(_first.IsAnnounced);
        Assert.Contains(_store.Objects(Records.Controllers.Name), record => record.Id == RecordOf(_first));
    }

    [Fact]
    public void G3_CommitOfUnknownOutcome_ThatIsDoneLate_DoesNotReplaceALaterWord()
    {
        Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        _first.LosesNextCommit = true;
        Publish(_owner, Object(Report, "r", "2", "berlin"));
        Publish(_owner, Object(Report, "r", "3", "berlin"));

        Assert.IsType<CommitResult.ConditionFailed>(_store.Commit(Assert.Single(_first.Lost)));
        _tree.Settle();
        Assert.Equal(["+Report/r=1", "~Report/r=2", "~Report/r=3"], _seen.Events);
    }

    [Fact]
    public void G5_FlushThatIsDecided_IsNotDone_WhenTheControllerIsBackByThen()
    {
        Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        _first.IsCutOff = true;
        _first.Expire();
        _second.LosesNextCommit = true; // Its own record is put before.
        _tree.Pass(2100);
        var flush = Assert.Single(_second.Lost);
        Assert.Contains(flush.Changes, change => change.Id == Id(Report, "r") && change.Envelope is null);

        _store.Put(Records.Controller(_first.Node.Process, _first.Node.Name));
        Assert.IsType<CommitResult.ConditionFailed>(_store.Commit(flush));
    }

    [Fact]
    public void G5_NodeWhoseRecordWasFlushedWhileItsControllerWasAway_KeepsItsSession()
    {
        var link = Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"), Object(Seal, "s", "kept"));
        _first.IsCutOff = true;
        _first.Expire();
        _tree.Pass(10_000);
        Assert.Equal(["s=kept"], Stored);

        _first.IsCutOff = false;
        _tree.Pass(100);
        Assert.Equal(["r=1", "s=kept"], Stored);
        Assert.Null(link.Client.End);
    }

    [Fact]
    public void G1_TakeoverThatDoesNotFitIntoATransaction_IsDoneWithTheNext()
    {
        _store.Limits = _store.Limits with { ChangesMax = 4 };
        var (first, second) = (Controller("a"), Controller("b"));
        var leaves = Enumerable.Range(0, 6).Select(i => Leaf($"leaf{i}")).ToArray();
        var links = leaves.Select(leaf => Connect(leaf, first)).ToArray();
        foreach (var leaf in leaves)
        {
            Publish(leaf, Object(Report, leaf.Name, "1", "berlin"));
        }

        second.IsCutOff = true; // So that all of them are there when it begins.
        for (var i = 0; i < leaves.Length; i++)
        {
            links[i].CutBelow(_tree.NowMs);
            Connect(leaves[i], second);
        }

        second.IsCutOff = false;
        _tree.Settle();
        Assert.All(leaves, leaf => Assert.Equal(second.Node.Process, second.Node.Mirror.Shared.Find(leaf.Name)!.Controller));
    }

    [Fact]
    public void G8_OwnerOfVeryManyObjects_IsPublishedAndFlushedPartByPart()
    {
        var link = Connect(_owner, _first);
        Publish(_owner, [.. Enumerable.Range(0, 2500).Select(i => Object(Report, $"r{i}", "1", "berlin", (Seal, $"s{i}"))), Object(Seal, "s1", "kept")]);
        Assert.Equal(2501, Stored.Count());
        Publish(_owner, Object(Report, "r2499", "2", "berlin"));
        Assert.Contains("r2499=2", Stored);

        Kill(link, _first);
        _first.Expire();
        _tree.Pass(5000);
        Assert.Equal(["s1=kept"], Stored);
        Assert.Empty(_store.Objects(Records.Attachments.Name));
        Assert.All(_store.Committed, commit => Assert.InRange(commit.Conditions.Length, 0, 100));
    }

    [Fact]
    public void TypeThatTheStoreDoesNotKnow_IsDeclared_WhateverItSaysOfOthers()
    {
        // One that it knows as another kind: what the hub knows of all shared types would not be taken.
        var store = new SimulatedStore([.. WithShared.Where(type => type.Name != Seal && type.Name != Report), new TypeDeclaration(Seal, TypeKind.Stored, WithShared[0].KeyLayout)]);
        var hub = _tree.Add(new SimulatedNode("hub", "hub-1", _tree.NowMs, WithShared.Where(type => type.Name != Seal), isHub: true));
        hub.Hub!.Tick(_tree.NowMs);
        var controller = _tree.Add(new SimulatedController(hub, store, _tree.NowMs));
        var leaf = _tree.Add(new SimulatedNode("leaf", "leaf-1", _tree.NowMs, WithShared.Where(type => type.Name != Seal), isHub: false));
        Connect(leaf, controller);
        Publish(leaf, Object(Report, "r", "1", "berlin"));

        Assert.Equal("r", Name(Assert.Single(store.Objects(Report)).Id));
        Assert.Empty(controller.Refused);
    }

    private static ObjectId RecordOf(SimulatedController controller) => Records.Controller(controller.Node.Process, "").Id;
}
