using Notify.Core.Sync;
using Notify.Core.Types;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>How shared objects are published, and by whom they are seen.</summary>
public sealed class SharedTypesTests : SharedTree
{
    [Fact]
    public void G1_SharedObject_IsSeenAtBothControllersWithTheStoresRevision()
    {
        Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));

        Assert.Equal(["r=1"], Stored);
        var id = Id(Report, "r");
        Assert.Equal(_store.Objects(Report)[0].Revision, _first.Node.Mirror.Snapshot().Find(id)!.Revision);
        Assert.Equal(_store.Objects(Report)[0].Revision, _reader.Mirror.Snapshot().Find(id)!.Revision);
        Assert.Equal(new Stamp("owner", 1, 1), _reader.Mirror.Snapshot().Find(id)!.Stamp);
    }

    [Fact]
    public void G2_ObjectsPublishedTogether_AreOneCommit_ReferredFirst()
    {
        Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin", (Seal, "s")), Object(Seal, "s", "2"));

        Assert.Equal(["Seal/s", "Report/r"], _seen.Calls.Single().Changes.Select(change => $"{change.Id.Type[2..]}/{Name(change.Id)}"));
    }

    [Fact]
    public void G2_BundleLargerThanACommit_IsSplit()
    {
        Connect(_owner, _first);
        Publish(_owner, [.. Enumerable.Range(0, 250).Select(i => Object(Report, $"r{i}", "1", "berlin"))]);

        Assert.Equal(250, Stored.Count());
        Assert.All(_store.Committed, commit => Assert.InRange(commit.Changes.Length, 1, 100));
        Assert.Equal(250, _reader.Mirror.Snapshot().Count(Report));
    }

    [Fact]
    public void G9_SharedObject_DoesNotReturnToItsOwner()
    {
        _owner.SetInterest(none => none.With(Report, Selector.All));
        var link = Connect(_owner, _first);
        Publish(_owner, Object(Report, "r", "1", "berlin"));
        Publish(_owner, Object(Report, "r", "2", "berlin"));
        Unpublish(_owner, Id(Report, "r"));

        Assert.Empty(Stored);
        Assert.Empty(Scenario.Sent(link, isDown: true));
        Assert.Equal(["+Report/r=1", "~Report/r=2", "-Report/r"], _seen.Events);
    }

    [Fact]
    public void Owner_ReadsItsOwnObjectsAsItPublishedThem_AmongThoseOfOthers()
    {
        _owner.SetInterest(none => none.With(Report, Selector.All));
        Connect(_owner, _first);
        var other = Leaf("other");
        Connect(other, _second);
        var seen = new Recorder(_owner);
        Publish(other, Object(Report, "a", "theirs", "berlin"), Object(Report, "c", "theirs", "paris"));
        Publish(_owner, Object(Report, "b", "mine", "berlin"));
        Publish(_owner, Object(Report, "c", "mine", "berlin"));

        var snapshot = _owner.Mirror.Snapshot();
        Assert.Equal(["a=theirs", "b=mine", "c=mine"], Text(snapshot.List(Report)));
        Assert.Equal(["b=mine", "c=mine"], Text(snapshot.List(Report, Key("b"))));
        Assert.Equal(["a=theirs", "b=mine", "c=mine"], Text(snapshot.ListInScope(Report, Key("berlin"))));
        Assert.Equal(3, snapshot.Count(Report));
        Assert.Equal(["+Report/a=theirs", "+Report/c=theirs", "+Report/b=mine", "~Report/c=mine"], seen.Events);

        Unpublish(_owner, Id(Report, "c"));
        Assert.Equal(["a=theirs", "b=mine", "c=theirs"], Text(_owner.Mirror.Snapshot().List(Report)));
        Assert.Empty(Text(_owner.Mirror.Snapshot().ListInScope(Report, Key("rome"))));

        static IEnumerable<string> Text(IEnumerable<Envelope> envelopes) => envelopes.Select(envelope => $"{Name(envelope.Id)}={envelope.Value.ToStringUtf8()}");
    }

    [Fact]
    public void G9_OwnerThatTakesAKeyOver_IsToldThatTheOthersVersionLeft()
    {
        _owner.SetInterest(none => none.With(Report, Selector.All));
        Connect(_owner, _first);
        var other = Leaf("other");
        Connect(other, _second);
        Publish(other, Object(Report, "r", "theirs", "berlin"));
        Assert.NotNull(_owner.Mirror.Snapshot().Find(Id(Report, "r")));

        Publish(_owner, Object(Report, "r", "mine", "berlin"));
        Assert.Equal(["r=mine"], Stored);
        Assert.Null(_owner.Mirror.StoredJournal.Find(Id(Report, "r"))?.Current);

        // Both live: the latest word shows, and when its owner goes, the other's is there again.
        SayGoodbye(_owner);
        Assert.Equal(["r=theirs"], Stored);
        Assert.Equal("other", _store.Objects(Report)[0].Stamp!.Value.Node);
    }

    [Fact]
    public void G8_StoreThatIsAway_MergesWhatIsPublished()
    {
        Connect(_owner, _first);
        _first.IsCutOff = true;
        for (var i = 0; i < 100; i++)
        {
            Publish(_owner, Object(Report, "r", $"{i}", "berlin"));
        }

        var before = _store.Committed.Count;
        _first.IsCutOff = false;
        Publish(_owner, Object(Report, "other", "x", "berlin"));
        Assert.Equal(["other=x", "r=99"], Stored);
        Assert.InRange(_store.Committed.Count - before, 1, 3); // The controller's record, too.
    }

    [Fact]
    public void G11_ObjectThatTheStoreRefuses_HoldsNothingBack()
    {
        _store.Limits = _store.Limits with { ObjectBytesMax = 1000 };
        Connect(_owner, _first);
        Publish(_owner, Object(Report, "large", new string('x', 2000), "berlin"), Object(Report, "r", "1", "berlin"));
        Assert.Equal(["r=1"], Stored);
        Assert.Contains("limit", Assert.Single(_first.Refused), StringComparison.Ordinal);

        Publish(_owner, Object(Report, "r", "2", "berlin"));
        Assert.Single(_first.Refused);
        Publish(_owner, Object(Report, "large", "small", "berlin"));
        Assert.Equal(["large=small", "r=2"], Stored);
    }
}
