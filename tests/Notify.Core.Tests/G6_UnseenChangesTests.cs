using Notify.Core.Journal;
using Notify.Core.Sync;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

public sealed class G6_UnseenChangesTests
{
    private readonly SimulatedTree _tree = new();
    private readonly SimulatedNode _hub;
    private readonly SimulatedNode _leaf;
    private long _revision = 1;

    public G6_UnseenChangesTests()
    {
        _hub = _tree.Add(new SimulatedNode("hub", "p1", _tree.NowMs, All, isHub: true));
        _hub.Mirror.LoadStore(new Space("store", "1"), _revision, []);
        _hub.Hub!.Tick(_tree.NowMs);
        _leaf = _tree.Add(new SimulatedNode("leaf", "p2", _tree.NowMs, All, isHub: false));
    }

    [Fact]
    public void G6_InterestNarrowed_AfterAnObjectLeftUnseen_RemovesThatToo()
    {
        Commit(Object(Inst, "stays", "1", "berlin"), Object(Inst, "moves", "1", "berlin"));
        _leaf.SetInterest(interest => interest.WithSite("berlin").WithSite("paris"));
        var link = _tree.Connect(_leaf, _hub);
        _tree.Settle();
        link.UpHeld = true;
        link.DownHeld = true;
        link.WindowFrames = 0;

        Commit(Object(Inst, "moves", "2", "rome"));
        _leaf.SetInterest(interest => interest.Without(Inst, Selector.In(InSite("berlin"))));
        link.WindowFrames = 4;
        link.UpHeld = false;
        link.DownHeld = false;
        _tree.Settle();

        Assert.Empty(Content(_leaf.Mirror.Snapshot()));
    }

    [Fact]
    public void G6_InterestInAllWithdrawn_AfterAnUnseenDelete_RemovesThatToo()
    {
        Commit(Object(App, "kept", "1"), Object(App, "deleted", "1"));
        _leaf.SetInterest(interest => interest.With(App, Selector.All).With(App, Selector.Of(Key("kept"))));
        var link = _tree.Connect(_leaf, _hub);
        _tree.Settle();
        link.WindowFrames = 0;

        _hub.Mirror.ApplyStoreCommit(++_revision, [], [Id(App, "deleted")]);
        _leaf.SetInterest(interest => interest.Without(App, Selector.All));
        link.WindowFrames = 4;
        _tree.Settle();

        Assert.Equal(["App/kept=1"], Content(_leaf.Mirror.Snapshot()));
    }

    [Fact]
    public void G6_DeletedInOneScopeAndCreatedInAnother_BetweenTwoBundles_IsThere()
    {
        Commit(Object(Inst, "i", "1", "paris"));
        _leaf.SetInterest(interest => interest.WithSite("paris").WithSite("berlin"));
        var link = _tree.Connect(_leaf, _hub);
        _tree.Settle();
        link.WindowFrames = 0;

        _hub.Mirror.ApplyStoreCommit(++_revision, [], [Id(Inst, "i")]);
        Commit(Object(Inst, "i", "2", "berlin"));
        link.WindowFrames = 4;
        _tree.Settle();
        Assert.Equal(["Inst/i=2"], Content(_leaf.Mirror.Snapshot()));

        link.WindowFrames = 0;
        _hub.Mirror.ApplyStoreCommit(++_revision, [], [Id(Inst, "i")]);
        Commit(Object(Inst, "i", "3", "paris"));
        link.WindowFrames = 4;
        _tree.Settle();
        Assert.Equal(["Inst/i=3"], Content(_leaf.Mirror.Snapshot()));
    }

    private void Commit(params Types.Envelope[] objects)
    {
        _revision++;
        _hub.Mirror.ApplyStoreCommit(_revision, [.. objects.Select(one => one with { Revision = _revision })], []);
    }
}
