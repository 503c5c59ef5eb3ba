using Notify.Core.Transport;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Processes of one name, and the numbers of their sessions: which of them counts.</summary>
public sealed class G5_NamesTests
{
    [Fact]
    public void G5_Restart_WithALowerAttachment_GoesOnAboveTheHighest()
    {
        var scenario = new Scenario();
        var owner = scenario.Leaf("owner");
        owner.Mirror.Publish([Object(Alarm, "a", "old"), Object(Alarm, "gone", "x")], []);
        for (var i = 0; i < 3; i++)
        {
            scenario.Connect(owner).Cut(scenario.Tree.NowMs);
        }

        var next = scenario.Restart(owner);
        next.Mirror.Publish([Object(Alarm, "a", "new")], []);
        var link = scenario.Connect(next);

        Assert.Null(link.Client.End);
        Assert.Equal(4, next.Mirror.Upstream.Attachment);
        Holds(scenario.Hub, "Alarm/a=new");
    }

    [Fact]
    public void G5_SecondProcess_OfALivingName_IsTurnedAway()
    {
        var scenario = new Scenario();
        var first = scenario.Leaf("twin");
        first.Mirror.Publish([Object(Alarm, "a", "first")], []);
        var link = scenario.Connect(first);
        var second = scenario.Leaf("twin");
        second.Mirror.Publish([Object(Alarm, "a", "second")], []);

        var refused = scenario.Connect(second);
        scenario.Tree.Pass(200);

        Assert.Equal(GrpcStatusCode.AlreadyExists, refused.Client.End!.Code);
        Assert.Contains(first.Process, refused.Client.End.Reason, StringComparison.Ordinal);
        Assert.Null(link.Client.End);
        Holds(scenario.Hub, "Alarm/a=first");
    }

    [Fact]
    public void G5_SecondProcess_OfASilentName_TakesOverAfterASecond()
    {
        var scenario = new Scenario();
        var first = scenario.Leaf("twin");
        var watcher = scenario.Leaf("watcher", Dynamic);
        first.Mirror.Publish([Object(Alarm, "a", "same"), Object(Alarm, "b", "x")], []);
        var silent = scenario.Connect(first);
        scenario.Connect(watcher);
        var recorder = new Recorder(watcher);
        (silent.UpHeld, silent.DownHeld) = (true, true);
        var second = scenario.Restart(first);
        second.Mirror.Publish([Object(Alarm, "a", "same"), Object(Alarm, "c", "y")], []);

        var link = scenario.Connect(second);
        scenario.Tree.Pass(900);
        Assert.False(link.Client.IsOpen);
        Assert.Null(link.Client.End);
        scenario.Tree.Pass(200);

        Assert.True(link.Client.IsOpen);
        Holds(scenario.Hub, "Alarm/a=same", "Alarm/c=y");
        Assert.Equal(["+Alarm/c=y", "-Alarm/b"], recorder.Events);
        Assert.Equal(GrpcStatusCode.Aborted, silent.Server.End!.Code);
    }

    [Fact]
    public void G5_ThirdProcess_WhileTheNameIsProbed_IsTurnedAway()
    {
        var scenario = new Scenario();
        var silent = scenario.Connect(scenario.Leaf("twin"));
        silent.UpHeld = true;
        scenario.Connect(scenario.Leaf("twin"));

        var third = scenario.Connect(scenario.Leaf("twin"));

        Assert.Equal(GrpcStatusCode.AlreadyExists, third.Client.End!.Code);
    }

    [Fact]
    public void G5_NodeWithTheNameOfTheHub_IsTurnedAway()
    {
        var scenario = new Scenario();

        var link = scenario.Connect(scenario.Leaf("hub"));

        Assert.Equal(GrpcStatusCode.AlreadyExists, link.Client.End!.Code);
    }
}
