using Notify.Core.Sync;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Two nodes that send one key: the latest received shows, and the other's when that session ends.</summary>
public sealed class G5_TwoSendersTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void G5_TwoSendersOfOneKey_ShowTheLatest_AndFallBackToTheOther(bool sendersWatch)
    {
        var scenario = new Scenario();
        Func<Interest, Interest> interest = sendersWatch ? Dynamic : none => none;
        var (first, second) = (scenario.Leaf("first", interest), scenario.Leaf("second", interest));
        var watcher = scenario.Leaf("watcher", Dynamic);
        first.Mirror.Publish([Object(Alarm, "a", "of first")], []);
        second.Mirror.Publish([Object(Alarm, "a", "of second")], []);
        scenario.Connect(first);
        var link = scenario.Connect(second);
        scenario.Connect(watcher);
        var recorder = new Recorder(watcher);
        Holds(watcher, "Alarm/a=of second");

        first.Mirror.Publish([Object(Alarm, "a", "of first again")], []);
        scenario.Tree.Settle();
        Holds(watcher, "Alarm/a=of first again");
        second.Mirror.Publish([Object(Alarm, "a", "of second again")], []);
        scenario.Tree.Settle();
        Holds(watcher, "Alarm/a=of second again");
        link.Cut(scenario.Tree.NowMs);
        scenario.Tree.Settle();

        Holds(watcher, "Alarm/a=of first again");
        Assert.Equal(
            ["~Alarm/a=of first again", "~Alarm/a=of second again", "~Alarm/a=of first again"], recorder.Events);
        Holds(first, "Alarm/a=of first again");
    }

    [Fact]
    public void G5_TwoSendersOfOneKey_TheOlderOnesEndShowsNowhere()
    {
        var scenario = new Scenario();
        var (first, second) = (scenario.Leaf("first"), scenario.Leaf("second"));
        first.Mirror.Publish([Object(Alarm, "a", "of first")], []);
        second.Mirror.Publish([Object(Alarm, "a", "of second")], []);
        var link = scenario.Connect(first);
        scenario.Connect(second);
        var watcher = scenario.Leaf("watcher", Dynamic);
        scenario.Connect(watcher);
        var recorder = new Recorder(watcher);

        link.Cut(scenario.Tree.NowMs);
        scenario.Tree.Settle();

        Holds(watcher, "Alarm/a=of second");
        Assert.Empty(recorder.Events);
    }

    [Fact]
    public void G5_TwoSendersOfOneKey_ReconnectingTheOlderOne_KeepsBoth()
    {
        // Both watch the type they send, so each has the other's version beside its own; neither may forget to send its own.
        var scenario = new Scenario();
        var (first, second) = (scenario.Leaf("first", Dynamic), scenario.Leaf("second", Dynamic));
        first.Mirror.Publish([Object(Alarm, "a", "of first")], []);
        second.Mirror.Publish([Object(Alarm, "a", "of second")], []);
        var link = scenario.Connect(first);
        var other = scenario.Connect(second);
        link.Cut(scenario.Tree.NowMs);
        scenario.Connect(first);
        var recorder = new Recorder(scenario.Hub);

        other.Cut(scenario.Tree.NowMs);
        scenario.Tree.Settle();

        Holds(scenario.Hub, "Alarm/a=of first");
        Assert.DoesNotContain("-Alarm/a", recorder.Events);
    }
}
