using Google.Protobuf;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>No echo: nothing returns to the session it came from, and what came from above is not sent up.</summary>
public sealed class G9Tests
{
    [Fact]
    public void G9_OwnObjects_DoNotComeBack()
    {
        var scenario = new Scenario();
        var leaf = scenario.Leaf("leaf", Dynamic);
        leaf.Mirror.Publish([Object(Alarm, "a", "1"), Object(Status, "s", "2", "berlin")], []);
        var link = scenario.Connect(leaf);
        leaf.Mirror.Publish([Object(Alarm, "a", "changed")], [Id(Status, "s")]);
        scenario.Tree.Settle();

        Assert.Empty(Sent(link, isDown: true));
        Holds(leaf, "Alarm/a=changed");
    }

    [Fact]
    public void G9_OwnObjects_DoNotComeBackAfterAReconnect()
    {
        var scenario = new Scenario(hub: new() { SettleMs = 0, GraceMs = 10_000 });
        var leaf = scenario.Leaf("leaf", Dynamic);
        leaf.Mirror.Publish([Object(Alarm, "a", "1")], []);
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);

        var link = scenario.Connect(leaf);

        Assert.Empty(Sent(link, isDown: true));
        Holds(leaf, "Alarm/a=1");
    }

    [Fact]
    public void G9_WhatCameFromAbove_IsNotSentUp()
    {
        var scenario = new Scenario();
        var (owner, watcher) = (scenario.Leaf("owner"), scenario.Leaf("watcher", Dynamic));
        var link = scenario.Connect(watcher);
        scenario.Connect(owner);

        owner.Mirror.Publish([Object(Alarm, "a", "1")], []);
        scenario.Tree.Settle();
        owner.Mirror.Publish([Object(Alarm, "a", "2")], []);
        scenario.Tree.Settle();
        owner.Mirror.Publish([], [Id(Alarm, "a")]);
        scenario.Tree.Settle();

        Assert.Empty(Sent(link, isDown: false));
    }

    [Fact]
    public void G9_TakeoverByTheNode_TellsItThatTheOthersVersionLeft()
    {
        var scenario = new Scenario();
        var (first, second) = (scenario.Leaf("first"), scenario.Leaf("second", Dynamic));
        scenario.Connect(first);
        var link = scenario.Connect(second);
        first.Mirror.Publish([Object(Alarm, "a", "of first")], []);
        scenario.Tree.Settle();
        Holds(second, "Alarm/a=of first");

        second.Mirror.Publish([Object(Alarm, "a", "of second")], []);
        scenario.Tree.Settle();

        Assert.Equal(["a", "-a (Left)"], Sent(link, isDown: true));
        Holds(second, "Alarm/a=of second");
        second.Mirror.Publish([], [Id(Alarm, "a")]);
        scenario.Tree.Settle();
        Holds(second, "Alarm/a=of first");
        first.Mirror.Publish([], [Id(Alarm, "a")]);
        scenario.Tree.Settle();
        Holds(second);
        Holds(scenario.Hub);
    }

    [Fact]
    public void G9_TwoSendersOfOneKey_WhoWatchEachOther_ComeToRest()
    {
        var scenario = new Scenario();
        var (first, second) = (scenario.Leaf("first", Dynamic), scenario.Leaf("second", Dynamic));
        var links = new[] { scenario.Connect(first), scenario.Connect(second) };
        first.Mirror.Publish([Object(Alarm, "a", "1")], []);
        second.Mirror.Publish([Object(Alarm, "a", "2")], []);
        scenario.Tree.Settle();
        var frames = links.Sum(link => link.Log.Count(entry => entry.Frame.BundleChanges is not null));

        scenario.Tree.Pass(60_000);

        Assert.True(frames < 10, $"{frames} frames for two versions.");
        Assert.Equal(frames, links.Sum(link => link.Log.Count(entry => entry.Frame.BundleChanges is not null)));
    }

    [Fact]
    public void G9_MessageToAScope_DoesNotReturnToItsSender()
    {
        var scenario = new Scenario();
        var (first, second) = (scenario.Leaf("first", none => none.WithSite("berlin")), scenario.Leaf("second", none => none.WithSite("berlin")));
        var received = new List<string>();
        first.Router.Handle(TestMessages.Text, message => received.Add("first " + TestMessages.Read(message)));
        second.Router.Handle(TestMessages.Text, message => received.Add("second " + TestMessages.Read(message)));
        scenario.Connect(first);
        scenario.Connect(second);
        var link = scenario.Tree.Links[0];

        link.Server.Receive(new Protocol.Frame
        {
            Number = (ulong)link.Log.Count(entry => !entry.IsDown) + 1,
            Message = TestMessages.Create("first", "hello", InSite("berlin")),
        }.ToByteArray(), scenario.Tree.NowMs);
        scenario.Tree.Settle();

        Assert.Equal(["second hello"], received);
    }
}
