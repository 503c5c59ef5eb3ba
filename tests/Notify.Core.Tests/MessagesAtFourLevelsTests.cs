using Notify.Core.Journal;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>One-off messages through two relays to the leaves below, with replies, to scopes, and after a revision.</summary>
public sealed class MessagesAtFourLevelsTests : FourLevels
{
    private readonly List<string> _received = [];
    private readonly List<string> _dropped = [];

    public MessagesAtFourLevelsTests()
        : base(new Scenario(new SessionLimits { HeldMessagesMax = 3, HeldMessageMs = 20_000 }))
    {
    }

    [Fact]
    public void Request_ToALeafBelowTwoRelays_IsAnswered()
    {
        var leaf = Leaf("leaf", "berlin");
        leaf.Router.Handle(TestMessages.Text, message => leaf.Router.Send(MessageTarget.ToNode(message.Source), TestMessages.Of("reply"), message));
        _scenario.Connect(leaf, _lower);
        var answers = new List<string>();
        using var waiting = Hub.Router.Request(
            MessageTarget.ToNode("leaf"), TestMessages.Of("question"), TestMessages.Text, message => answers.Add($"{message.Source}: {TestMessages.Read(message)}"));
        _scenario.Tree.Settle();

        Assert.Equal(["leaf: reply"], answers);
        Assert.Equal([0, 0, 0, 0], new[] { Hub, _upper, _lower, leaf }.Select(node => node.Mirror.Counters.MessagesDropped));
    }

    [Fact]
    public void Request_FromALeafToTheTop_IsAnswered()
    {
        Hub.Router.Handle(TestMessages.Text, message => Hub.Router.Send(MessageTarget.ToNode(message.Source), TestMessages.Of("reply"), message));
        var leaf = _scenario.Leaf("leaf");
        _scenario.Connect(leaf, _lower);
        using var waiting = leaf.Router.Request(
            MessageTarget.Top, TestMessages.Of("question"), TestMessages.Text, message => _received.Add(TestMessages.Read(message)));
        _scenario.Tree.Settle();

        Assert.Equal(["reply"], _received);
    }

    [Fact]
    public void Send_ToAScope_ReachesEveryNodeThatIsInterested_AtEveryLevel_Once()
    {
        foreach (var (name, site, above) in new[] { ("a", "berlin", _lower), ("b", "berlin", _upper), ("c", "paris", _lower), ("d", "berlin", Hub) })
        {
            _scenario.Connect(Leaf(name, site), above);
        }

        Assert.True(Hub.Router.Send(MessageTarget.ToScope(InSite("berlin")), TestMessages.Of("hello")));
        _scenario.Tree.Settle();

        Assert.Equal(["a: hello", "b: hello", "d: hello"], _received.Order());
    }

    [Fact]
    public void Send_ToAScopeThatIsNotBelowARelay_DoesNotGoThere()
    {
        _scenario.Connect(Leaf("leaf", "berlin"), _lower);

        Assert.False(Hub.Router.Send(MessageTarget.ToScope(InSite("rome")), TestMessages.Of("hello")));
        Assert.DoesNotContain(_top.Log, entry => entry.Frame.Message is not null);
    }

    [Fact]
    public void Send_AfterARevisionThatALeafBelowHasNotApplied_IsHandledWhenItHas()
    {
        var leaf = Leaf("leaf", "berlin", withRevision: true);
        _scenario.Connect(leaf, _lower);
        using var slow = leaf.Mirror.Subscribe(_ => { }, leaf.Mirror.Snapshot());
        leaf.HandlersStalled = true;
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        Assert.True(Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("hello"), after: Hub.Mirror.StoredAt(5)));
        _scenario.Tree.Settle();
        Assert.Empty(_received);
        Assert.Equal(1, leaf.Router.HeldCount);

        leaf.HandlersStalled = false;
        _scenario.Tree.Settle();
        Assert.Equal(["leaf: hello at 5"], _received);
    }

    [Fact]
    public void Send_AfterARevisionToCome_OvertakesNothing_AndRelaysDoNotHoldIt()
    {
        var leaf = Leaf("leaf", "berlin", withRevision: true);
        _scenario.Connect(leaf, _lower);
        Hub.Router.Send(MessageTarget.ToScope(InSite("berlin")), TestMessages.Of("hello"), after: Hub.Mirror.StoredAt(6));
        _scenario.Tree.Settle();
        Assert.Equal([0, 0, 1], new[] { _upper, _lower, leaf }.Select(node => node.Router.HeldCount));

        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        Assert.Empty(_received);
        _scenario.Write(Object(Inst, "b1", "newer", "berlin"));
        Assert.Equal(["leaf: hello at 6"], _received);
    }

    [Fact]
    public void Send_AfterARevision_ToALeafBeforeItsFirstSync_IsHeldUntilThat()
    {
        var leaf = Leaf("leaf", "berlin", withRevision: true);
        _scenario.Connect(leaf, _lower);
        var fresh = Leaf("fresh", "paris", withRevision: true);
        _top.DownHeld = true;
        _scenario.Connect(fresh, _lower);
        Holds(fresh);

        Assert.True(leaf.Router.Send(MessageTarget.ToNode("fresh"), TestMessages.Of("hello"), after: leaf.Mirror.StoredAt(4)));
        _scenario.Tree.Settle();
        Assert.Empty(_received);

        _top.DownHeld = false;
        _scenario.Tree.Settle();
        Assert.Equal(["fresh: hello at 4"], _received);
    }

    [Fact]
    public void Send_AfterARevision_ToALeafThatMirrorsNothingOfTheStore_IsHandledAtOnce()
    {
        var leaf = Leaf("leaf", site: null, withRevision: true);
        _scenario.Connect(leaf, _lower);
        Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("hello"), after: Hub.Mirror.StoredAt(4));
        _scenario.Tree.Settle();

        Assert.Single(_received);
    }

    [Fact]
    public void HeldMessage_OfASessionThatEnds_IsHandledAllTheSame()
    {
        var leaf = Leaf("leaf", "berlin", withRevision: true);
        var link = _scenario.Connect(leaf, _lower);
        Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("hello"), after: Hub.Mirror.StoredAt(5));
        _scenario.Tree.Settle();
        link.Cut(_scenario.Tree.NowMs);
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        Assert.Empty(_received);

        _scenario.Connect(leaf, _upper);
        Assert.Equal(["leaf: hello at 5"], _received);
    }

    [Fact]
    public void HeldMessages_BeyondTheirNumber_AreDroppedAndCounted()
    {
        var leaf = Leaf("leaf", "berlin", withRevision: true);
        _scenario.Connect(leaf, _lower);
        for (var i = 0; i < 5; i++)
        {
            Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of($"{i}"), after: Hub.Mirror.StoredAt(5));
        }

        _scenario.Tree.Settle();
        Assert.Equal((3, 2), (leaf.Router.HeldCount, leaf.Mirror.Counters.MessagesDropped));
        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        Assert.Equal(["leaf: 0 at 5", "leaf: 1 at 5", "leaf: 2 at 5"], _received);
    }

    [Fact]
    public void HeldMessage_WhoseRevisionDoesNotComeInTime_IsDroppedWithAReason()
    {
        var leaf = Leaf("leaf", "berlin");
        _scenario.Connect(leaf, _lower);
        Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("hello"), after: Hub.Mirror.StoredAt(9));
        _scenario.Tree.Pass(19_000);
        Assert.Equal(1, leaf.Router.HeldCount);

        _scenario.Tree.Pass(10_000);
        Assert.Equal((0, 1), (leaf.Router.HeldCount, leaf.Mirror.Counters.MessagesDropped));
        Assert.Equal(["revision 9 was not applied within 20000 ms; the mirror is at 4"], _dropped);
        Assert.Equal((0, 0), (leaf.Mirror.WaitCount, leaf.Mirror.HandledWakeCount));
    }

    [Fact]
    public void HeldMessage_OfARevisionFromBeforeARestore_IsDroppedWithAReason()
    {
        var leaf = Leaf("leaf", "berlin");
        _scenario.Connect(leaf, _lower);
        Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("hello"), after: Hub.Mirror.StoredAt(9));
        _scenario.Tree.Settle();

        _scenario.Load(Hub, Scenario.Store with { Incarnation = "2" }, upTo: 3);
        Assert.Equal(["its revision is of the store before a restore"], _dropped);
        Assert.Empty(_received);
    }

    [Fact]
    public void HeldMessage_OfAnIncarnationToCome_IsHandledWhenItHasCome()
    {
        var leaf = Leaf("leaf", "berlin", withRevision: true);
        var link = _scenario.Connect(leaf, _lower);
        link.WindowFrames = 0;
        _scenario.Load(Hub, Scenario.Store with { Incarnation = "2" }, upTo: 3);
        var after = Hub.Mirror.StoredAt(3);
        Assert.Equal("2", after.Space.Incarnation);
        Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("hello"), after: after);
        link.WindowFrames = 4;
        _scenario.Tree.Settle();

        Assert.Equal(["leaf: hello at 3"], _received);
        Assert.Empty(_dropped);
    }

    [Fact]
    public void Send_AfterARevisionOfAnotherStore_IsDroppedByItsSender()
    {
        _scenario.Connect(Leaf("leaf", "berlin"), _lower);

        Assert.False(Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("hello"), after: new StoreRevision(new Space("other", "1"), 4)));
        Assert.Equal(1, Hub.Mirror.Counters.MessagesDropped);
    }

    [Fact]
    public void Request_AfterARevision_IsAnsweredOnceThatIsApplied()
    {
        var leaf = Leaf("leaf", "berlin");
        leaf.Router.Handle(TestMessages.Text, message => leaf.Router.Send(
            MessageTarget.ToNode(message.Source), TestMessages.Of($"{leaf.Mirror.Snapshot().StoredRevision}"), message));
        _scenario.Connect(leaf, _lower);
        using var waiting = Hub.Router.Request(
            MessageTarget.ToNode("leaf"), TestMessages.Of("question"), TestMessages.Text, message => _received.Add(TestMessages.Read(message)), Hub.Mirror.StoredAt(5));
        _scenario.Tree.Settle();
        Assert.Empty(_received);

        _scenario.Write(Object(Inst, "b1", "new", "berlin"));
        Assert.Equal(["5"], _received);
    }

    [Fact]
    public void Send_ToTheTop_FromBelowARelayWithoutAnUpstream_IsDroppedThere()
    {
        var leaf = _scenario.Leaf("leaf");
        _scenario.Connect(leaf, _lower);
        _upper.Router.Handle(TestMessages.Text, message => _received.Add("upper"));
        _top.Cut(_scenario.Tree.NowMs);
        Assert.True(leaf.Router.Send(MessageTarget.Top, TestMessages.Of("hello")));
        _scenario.Tree.Settle();

        Assert.Equal((1, 0), (_upper.Mirror.Counters.MessagesDropped, leaf.Mirror.Counters.MessagesDropped));
        Assert.Empty(_received);
        Assert.False(_scenario.Leaf("lonely").Router.Send(MessageTarget.Top, TestMessages.Of("hello")));
    }

    [Fact]
    public void Send_ToALeafThatHandlesNothing_IsDroppedByItsRelay()
    {
        var link = _scenario.Connect(_scenario.Leaf("leaf"), _lower);
        Assert.True(Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("hello")));
        _scenario.Tree.Settle();

        Assert.Equal(1, _lower.Mirror.Counters.MessagesDropped);
        Assert.DoesNotContain(link.Log, entry => entry.Frame.Message is not null);
    }

    [Fact]
    public void Send_ToANodeThatIsBelowButCannotBeSentTo_IsNotSentUp()
    {
        var link = _scenario.Connect(Leaf("leaf", "berlin"), _lower);
        link.WindowFrames = 0;
        var sent = Enumerable.Range(0, 300).Count(i => _lower.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of($"{i}")));
        _scenario.Tree.Settle();

        Assert.Equal((256, 44), (sent, _lower.Mirror.Counters.MessagesDropped));
        Assert.Equal(0, Hub.Mirror.Counters.MessagesDropped);
        link.WindowFrames = 4;
    }

    private SimulatedNode Leaf(string name, string? site, bool withRevision = false)
    {
        var leaf = _scenario.Leaf(name, none => site is null ? none : none.WithSite(site));
        leaf.Router.Dropped += (_, reason) => _dropped.Add(reason);
        leaf.Router.Handle(TestMessages.Text, message => _received.Add(
            $"{name}: {TestMessages.Read(message)}{(withRevision ? $" at {leaf.Mirror.Snapshot().StoredRevision}" : "")}"));
        return leaf;
    }
}
