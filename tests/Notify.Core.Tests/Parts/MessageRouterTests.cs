using Google.Protobuf.WellKnownTypes;
using Notify.Core.Messages;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests.Parts;

/// <summary>One-off messages: at most once, to who takes them, counted where they are dropped.</summary>
public sealed class MessageRouterTests
{
    private static readonly MessageType<Int64Value> s_number = new(Int64Value.Descriptor.FullName, Int64Value.Parser);
    private readonly Scenario _scenario = new();
    private readonly List<string> _received = [];

    [Fact]
    public void Send_ToANode_ReachesItOnce_AndItsReplyComesBack()
    {
        var leaf = Leaf("leaf", message => message.Source);
        leaf.Router.Handle(TestMessages.Text, message => leaf.Router.Send(MessageTarget.ToNode(message.Source), TestMessages.Of("reply"), message));
        _scenario.Connect(leaf);
        var answers = new List<string>();
        using var waiting = _scenario.Hub.Router.Request(
            MessageTarget.ToNode("leaf"), TestMessages.Of("question"), TestMessages.Text, message => answers.Add(TestMessages.Read(message)));
        _scenario.Tree.Settle();

        Assert.Equal(["reply"], answers);
        Assert.Equal(0, _scenario.Hub.Mirror.Counters.MessagesDropped);
    }

    [Fact]
    public void Send_FromALeafToAnother_GoesThroughTheHub()
    {
        var (first, second) = (Leaf("first"), Leaf("second"));
        _scenario.Connect(first);
        _scenario.Connect(second);

        Assert.True(first.Router.Send(MessageTarget.ToNode("second"), TestMessages.Of("hello")));
        _scenario.Tree.Settle();

        Assert.Equal(["second: hello"], _received);
    }

    [Fact]
    public void Send_ToTheTop_ReachesTheHub()
    {
        var leaf = Leaf("leaf");
        _scenario.Hub.Router.Handle(TestMessages.Text, message => _received.Add("hub: " + TestMessages.Read(message)));
        _scenario.Connect(leaf);

        Assert.True(leaf.Router.Send(MessageTarget.Top, TestMessages.Of("hello")));
        _scenario.Tree.Settle();

        Assert.Equal(["hub: hello"], _received);
    }

    [Fact]
    public void Send_ToAScope_ReachesOnlyWhoTakesTheType()
    {
        var (taker, other, elsewhere) = (Leaf("taker", site: "berlin"), _scenario.Leaf("other", none => none.WithSite("berlin")), Leaf("elsewhere", site: "paris"));
        other.Router.Handle(s_number, _ => _received.Add("other"));
        var links = new[] { taker, other, elsewhere }.Select(leaf => _scenario.Connect(leaf)).ToArray();

        Assert.True(_scenario.Hub.Router.Send(MessageTarget.ToScope(InSite("berlin")), TestMessages.Of("hello")));
        _scenario.Tree.Settle();

        Assert.Equal(["taker: hello"], _received);
        Assert.Equal([1, 0, 0], links.Select(link => link.Log.Count(entry => entry.Frame.Message is not null)));
    }

    [Fact]
    public void Send_ToWhoDoesNotTakeTheType_IsDroppedAndCounted()
    {
        var leaf = _scenario.Leaf("leaf");
        leaf.Router.Handle(s_number, _ => { });
        _scenario.Connect(leaf);

        Assert.False(_scenario.Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("hello")));
        Assert.False(_scenario.Hub.Router.Send(MessageTarget.ToNode("nobody"), TestMessages.Of("hello")));
        Assert.False(_scenario.Hub.Router.Send(MessageTarget.ToScope(InSite("rome")), TestMessages.Of("hello")));

        Assert.Equal(3, _scenario.Hub.Mirror.Counters.MessagesDropped);
    }

    [Fact]
    public void Send_BeyondTheQueue_IsDroppedAndCounted()
    {
        var leaf = Leaf("leaf");
        var link = _scenario.Connect(leaf);
        link.WindowFrames = 0;
        var sent = Enumerable.Range(0, 1000).Count(i => _scenario.Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of($"{i}")));

        Assert.Equal((256, 744), (sent, _scenario.Hub.Mirror.Counters.MessagesDropped));
        link.WindowFrames = 4;
        _scenario.Tree.Settle();
        Assert.Equal(Enumerable.Range(0, 256).Select(i => $"leaf: {i}"), _received);
        Assert.True(_scenario.Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("again")));
    }

    [Fact]
    public void Queue_OfASessionThatEnds_IsDroppedAndCounted()
    {
        var link = _scenario.Connect(Leaf("leaf"));
        link.WindowFrames = 0;
        _scenario.Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("1"));
        _scenario.Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("2"));

        link.Cut(_scenario.Tree.NowMs);

        Assert.Equal(2, _scenario.Hub.Mirror.Counters.MessagesDropped);
        Assert.Empty(_received);
    }

    [Fact]
    public void Handler_ThatThrows_DropsItsMessageOnly()
    {
        var leaf = _scenario.Leaf("leaf");
        var failed = new List<string>();
        leaf.Router.Failed += (type, e) => failed.Add($"{type}: {e.Message}");
        leaf.Router.Handle(TestMessages.Text, message => throw new InvalidOperationException("no"));
        leaf.Router.Handle(s_number, _ => _received.Add("number"));
        var link = _scenario.Connect(leaf);

        _scenario.Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("hello"));
        _scenario.Hub.Router.Send(MessageTarget.ToNode("leaf"), new Int64Value { Value = 1 });
        _scenario.Tree.Settle();

        Assert.Equal([$"{TestMessages.Text.Name}: no"], failed);
        Assert.Equal(["number"], _received);
        Assert.Null(link.Client.End);
        Assert.Equal(1, leaf.Mirror.Counters.MessagesDropped);
    }

    [Fact]
    public void Message_ThatHasHoppedTooOften_GoesNoFurther()
    {
        _scenario.Connect(Leaf("leaf"));
        var message = TestMessages.Create("far", "hello", InSite("berlin"));
        (message.Node, message.Hops) = ("leaf", 0);

        Assert.False(_scenario.Hub.Router.Route(message, from: null));
        message.Hops = 1;
        Assert.True(_scenario.Hub.Router.Route(message, from: null));
    }

    [Fact]
    public void Message_AfterARevision_IsHeldUntilTheMirrorHasIt()
    {
        _scenario.WithSmallWorld();
        var leaf = Leaf("leaf", site: "berlin");
        var link = _scenario.Connect(leaf);
        link.WindowFrames = 0;
        _scenario.Write(Object(Inst, "b1", "new", "berlin", (App, "web")));
        var message = TestMessages.Create("hub", "hello", InSite("berlin"));
        message.After = new SpaceRevision { Space = Core.Sessions.WireTypes.ToWire(SpaceKind.Stored, Scenario.Store), Revision = 5 };
        Assert.True(link.Server.TrySend(message));
        var from = link.Log.Count;
        link.WindowFrames = 4;
        leaf.Router.Handle(TestMessages.Text, received => _received.Add($"{TestMessages.Read(received)} at {leaf.Mirror.Snapshot().StoredRevision}"));
        _scenario.Tree.Settle();

        Assert.Equal(["hello at 5"], _received);
        Assert.Equal(Frame.KindOneofCase.Message, link.Log[from].Frame.KindCase);
    }

    [Fact]
    public void Request_ToANode_IsAnsweredByNobodyElse()
    {
        var (leaf, other) = (_scenario.Leaf("leaf"), _scenario.Leaf("other"));
        ReceivedMessage? question = null;
        leaf.Router.Handle(TestMessages.Text, message => question = message);
        _scenario.Connect(leaf);
        _scenario.Connect(other);
        using var waiting = _scenario.Hub.Router.Request(
            MessageTarget.ToNode("leaf"), TestMessages.Of("question"), TestMessages.Text, message => _received.Add(TestMessages.Read(message)));
        _scenario.Tree.Settle();

        other.Router.Send(MessageTarget.ToNode("hub"), TestMessages.Of("forged"), question);
        _scenario.Tree.Settle();
        Assert.Empty(_received);
        leaf.Router.Send(MessageTarget.ToNode("hub"), TestMessages.Of("reply"), question);
        _scenario.Tree.Settle();

        Assert.Equal(["reply"], _received);
    }

    [Fact]
    public void Request_OfANodeThatWasStartedAgain_HasAnIdOfItsOwn()
    {
        var leaf = _scenario.Leaf("leaf");
        var ids = new List<string>();
        leaf.Router.Handle(TestMessages.Text, message => ids.Add(message.Id));
        _scenario.Connect(leaf);
        for (var life = 1; life <= 2; life++)
        {
            var asker = _scenario.Leaf("asker");
            var link = _scenario.Connect(asker);
            asker.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of("question"));
            _scenario.Tree.Settle();
            link.Cut(_scenario.Tree.NowMs);
        }

        Assert.Equal(2, ids.Distinct().Count());
    }

    [Fact]
    public void Messages_BeyondTheBytesThatMayWait_AreDropped()
    {
        var scenario = new Scenario(new SessionLimits { MessageBytesMax = 1000 });
        var leaf = scenario.Leaf("leaf");
        leaf.Router.Handle(TestMessages.Text, message => _received.Add(TestMessages.Read(message)));
        scenario.Connect(leaf);

        Assert.True(scenario.Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of(new string('x', 700))));
        Assert.False(scenario.Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of(new string('y', 700))));
        scenario.Tree.Settle();
        Assert.True(scenario.Hub.Router.Send(MessageTarget.ToNode("leaf"), TestMessages.Of(new string('z', 700))));
        scenario.Tree.Settle();

        Assert.Equal(["x", "z"], _received.Select(text => text[..1]));
    }

    [Fact]
    public void Request_ThatIsGivenUp_LeavesNothing_AndALateReplyIsDropped()
    {
        var leaf = _scenario.Leaf("leaf");
        ReceivedMessage? question = null;
        leaf.Router.Handle(TestMessages.Text, message => question = message);
        _scenario.Connect(leaf);
        var waiting = _scenario.Hub.Router.Request(
            MessageTarget.ToNode("leaf"), TestMessages.Of("question"), TestMessages.Text, message => _received.Add("answer"));
        _scenario.Tree.Settle();
        waiting!.Dispose();

        leaf.Router.Send(MessageTarget.ToNode("hub"), TestMessages.Of("late"), question);
        _scenario.Tree.Settle();

        Assert.Empty(_received);
        Assert.Null(_scenario.Hub.Router.Request(MessageTarget.ToNode("nobody"), TestMessages.Of("question"), TestMessages.Text, _ => { }));
    }

    private SimulatedNode Leaf(string name, Func<ReceivedMessage, string>? text = null, string? site = null)
    {
        var leaf = _scenario.Leaf(name, none => site is null ? none : none.WithSite(site));
        leaf.Router.Handle(TestMessages.Text, message => _received.Add($"{name}: {(text ?? TestMessages.Read)(message)}"));
        return leaf;
    }
}
