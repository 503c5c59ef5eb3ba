using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Core.Types;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Upward state lives with its session.</summary>
public sealed class G5Tests
{
    [Fact]
    public void G5_Session_ThatIsLost_FlushesExactlyWhatItCarried()
    {
        var scenario = new Scenario();
        var (owner, other) = (scenario.Leaf("owner"), scenario.Leaf("other"));
        var watcher = scenario.Leaf("watcher", Dynamic);
        owner.Mirror.Publish([Object(Alarm, "a", "1"), Object(Status, "s", "2", "berlin")], []);
        other.Mirror.Publish([Object(Alarm, "b", "3")], []);
        var link = scenario.Connect(owner);
        scenario.Connect(other);
        scenario.Connect(watcher);
        Holds(watcher, "Alarm/a=1", "Alarm/b=3", "Status/s=2");

        link.CutAbove(scenario.Tree.NowMs);
        scenario.Tree.Settle();

        Holds(scenario.Hub, "Alarm/b=3");
        Holds(watcher, "Alarm/b=3");
        Assert.Equal(2, scenario.Hub.Mirror.Counters.Flushed);
    }

    [Fact]
    public void G5_Session_ThatIsLost_KeepsTypesThatOutliveTheirSession()
    {
        var scenario = new Scenario();
        var owner = scenario.Leaf("owner");
        owner.Mirror.Publish([Object(Alarm, "a", "1"), Object(Note, "n", "kept")], []);
        scenario.Connect(owner).Cut(scenario.Tree.NowMs);
        Holds(scenario.Hub, "Note/n=kept");

        // The next life of the node does not say it again, so now it is known to be gone.
        var next = scenario.Restart(owner);
        next.Mirror.Publish([Object(Note, "m", "new")], []);
        scenario.Connect(next);

        Holds(scenario.Hub, "Note/m=new");
    }

    [Fact]
    public void G5_Goodbye_FlushesAtOnce_WhateverTheGrace()
    {
        var scenario = new Scenario(hub: new HubOptions { SettleMs = 0, GraceMs = 10_000 });
        var owner = scenario.Leaf("owner");
        owner.Mirror.Publish([Object(Alarm, "a", "1")], []);
        var link = scenario.Connect(owner);

        link.Client.SayGoodbye("maintenance");
        scenario.Tree.Settle();

        Holds(scenario.Hub);
        Assert.Equal(GrpcStatusCode.Ok, link.Server.End!.Code);
    }

    [Fact]
    public void G5_Grace_KeepsWhatAVanishedNodeLeft_UntilItIsOver()
    {
        var scenario = new Scenario(hub: new HubOptions { SettleMs = 0, GraceMs = 10_000 });
        var owner = scenario.Leaf("owner");
        owner.Mirror.Publish([Object(Alarm, "a", "1")], []);
        scenario.Connect(owner).Cut(scenario.Tree.NowMs);

        scenario.Tree.Pass(9_900);
        Holds(scenario.Hub, "Alarm/a=1");
        scenario.Tree.Pass(200);

        Holds(scenario.Hub);
    }

    [Fact]
    public void G5_Silence_OfAFrozenNode_EndsItsSession()
    {
        var scenario = new Scenario(new SessionLimits { SilenceMs = 2000, HeartbeatMs = 500 });
        var owner = scenario.Leaf("owner");
        owner.Mirror.Publish([Object(Alarm, "a", "1")], []);
        var link = scenario.Connect(owner);
        scenario.Tree.Pass(5000);
        Assert.Null(link.Server.End);

        link.UpHeld = true;
        scenario.Tree.Pass(2500);

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, link.Server.End!.Code);
        Holds(scenario.Hub);
    }

    [Fact]
    public void G5_Reconnect_WithinGrace_ResumesWithoutSendingAgain()
    {
        var scenario = new Scenario(hub: new HubOptions { SettleMs = 0, GraceMs = 10_000 });
        var (owner, watcher) = (scenario.Leaf("owner"), scenario.Leaf("watcher", Dynamic));
        owner.Mirror.Publish([Object(Alarm, "a", "1"), Object(Alarm, "b", "2"), Object(Alarm, "c", "3")], []);
        scenario.Connect(owner).Cut(scenario.Tree.NowMs);
        scenario.Connect(watcher);
        var recorder = new Recorder(watcher);
        owner.Mirror.Publish([Object(Alarm, "b", "changed")], [Id(Alarm, "c")]);

        var link = scenario.Connect(owner);

        Assert.Equal(["b", "-c (Deleted)"], Sent(link, isDown: false));
        Assert.Equal(["~Alarm/b=changed", "-Alarm/c"], recorder.Events);
        scenario.Tree.Pass(20_000);
        Holds(scenario.Hub, "Alarm/a=1", "Alarm/b=changed");

        // What was resumed lives with the new session.
        link.Cut(scenario.Tree.NowMs);
        scenario.Tree.Pass(20_000);
        Holds(scenario.Hub);
    }

    [Fact]
    public void G5_Reconnect_ThatBreaksOffBeforeItsSync_LosesNothing()
    {
        var scenario = new Scenario(hub: new HubOptions { SettleMs = 0, GraceMs = 10_000 });
        var owner = scenario.Leaf("owner");
        owner.Mirror.Publish([Object(Alarm, "a", "1"), Object(Alarm, "b", "2")], []);
        scenario.Connect(owner).Cut(scenario.Tree.NowMs);
        var broken = scenario.Tree.Connect(owner, scenario.Hub);
        scenario.Tree.Stepped = () =>
        {
            if (broken.Client.IsOpen)
            {
                broken.Cut(scenario.Tree.NowMs);
            }
        };
        scenario.Tree.Settle();
        scenario.Tree.Stepped = null;
        owner.Mirror.Publish([], [Id(Alarm, "b")]);

        scenario.Connect(owner);

        Holds(scenario.Hub, "Alarm/a=1");
        scenario.Tree.Pass(20_000);
        Holds(scenario.Hub, "Alarm/a=1");
    }

    [Fact]
    public void G5_NewSession_TakesOverWithoutAFlap_AndTheOldOnesEndTakesNothing()
    {
        var scenario = new Scenario();
        var (owner, watcher) = (scenario.Leaf("owner"), scenario.Leaf("watcher", Dynamic));
        owner.Mirror.Publish([Object(Alarm, "a", "1"), Object(Alarm, "b", "2")], []);
        var old = scenario.Connect(owner);
        scenario.Connect(watcher);
        var recorder = new Recorder(watcher);

        // Only the node notices that its connection broke; the hub learns of it when the next session is there.
        old.CutBelow(scenario.Tree.NowMs);
        old.UpHeld = true;
        var link = scenario.Connect(owner);
        Assert.Null(link.Client.End);
        old.CutAbove(scenario.Tree.NowMs);
        scenario.Tree.Settle();

        Assert.Empty(recorder.Events);
        Holds(scenario.Hub, "Alarm/a=1", "Alarm/b=2");
        link.Cut(scenario.Tree.NowMs);
        scenario.Tree.Settle();
        Holds(scenario.Hub);
    }

    [Fact]
    public void G5_Frame_OfAFencedSession_ChangesNothing()
    {
        var scenario = new Scenario();
        var owner = scenario.Leaf("owner");
        owner.Mirror.Publish([Object(Alarm, "a", "1")], []);
        var old = scenario.Connect(owner);
        old.UpHeld = true;
        owner.Mirror.Publish([Object(Alarm, "late", "x")], [Id(Alarm, "a")]);
        scenario.Tree.Settle();
        old.CutBelow(scenario.Tree.NowMs);
        owner.Mirror.Publish([Object(Alarm, "a", "back")], [Id(Alarm, "late")]);
        var next = scenario.Tree.Connect(owner, scenario.Hub);
        while (!next.Client.IsOpen)
        {
            next.Step(scenario.Tree.NowMs);
        }

        // The new session has the name; the old one's frames arrive now, before the new one has said anything.
        var before = scenario.Hub.Mirror.DynamicJournal.Head;
        old.UpHeld = false;
        while (old.Step(scenario.Tree.NowMs))
        {
        }

        Assert.Equal(before, scenario.Hub.Mirror.DynamicJournal.Head);
        Assert.NotNull(old.Server.End);
        scenario.Tree.Settle();
        Holds(scenario.Hub, "Alarm/a=back");
    }

    [Fact]
    public void G5_Type_DeclaredWhileConnected_GoesUpAndIsFlushed()
    {
        var scenario = new Scenario();
        var watcher = scenario.Leaf("watcher", Dynamic);
        scenario.Connect(watcher);
        var owner = scenario.Leaf("owner", types: All.Where(type => type.Name != Alarm));
        var link = scenario.Connect(owner);

        // The hub told the node of the type in its welcome; only now the node itself declares and uses it.
        owner.Mirror.Types.Declare(All.Single(type => type.Name == Alarm));
        owner.Mirror.Publish([Object(Alarm, "a", "1")], []);
        scenario.Tree.Settle();

        Assert.Null(link.Client.End);
        Holds(watcher, "Alarm/a=1");
        link.Cut(scenario.Tree.NowMs);
        scenario.Tree.Settle();
        Holds(watcher);
    }

    [Fact]
    public void G5_Types_DeclaredWhileABundleIsOpen_AllGoUp()
    {
        var scenario = new Scenario();
        var owner = scenario.Leaf("owner", types: All.Where(type => type.Name == Status));
        var link = scenario.Connect(owner);
        var fresh = Enumerable.Range(0, 3)
            .Select(i => new TypeDeclaration($"t.New{i}", TypeKind.Dynamic, All[0].KeyLayout)).ToArray();
        foreach (var type in fresh)
        {
            link.UpHeld = true;
            owner.Mirror.Types.Declare(type);
            owner.Mirror.Publish([.. Enumerable.Range(0, 20).Select(i => Object(type.Name, $"{i}", new string('x', 20_000)))], []);
            scenario.Tree.Settle();
        }

        link.UpHeld = false;
        scenario.Tree.Settle();

        Assert.Null(link.Client.End);
        Assert.All(fresh, type => Assert.Equal(20, scenario.Hub.Mirror.Snapshot().Count(type.Name)));
    }
}
