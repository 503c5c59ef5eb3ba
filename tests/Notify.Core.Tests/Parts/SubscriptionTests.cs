using Notify.Core.Caches;
using Notify.Core.Sync;
using Notify.Testing;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests.Parts;

/// <summary>Handlers of changes: cursors that neither spin, nor sleep over a change, nor leave anything behind.</summary>
public sealed class SubscriptionTests
{
    private readonly Queue<Action> _work = new();
    private readonly Mirror _mirror;

    public SubscriptionTests()
    {
        var table = new Types.TypeTable();
        foreach (var type in All)
        {
            table.Declare(type);
        }

        _mirror = new Mirror(table, new MirrorOptions { Node = "node", DynamicSpace = new("node", "1"), Execute = _work.Enqueue });
    }

    [Fact]
    public void Subscribe_BringsWhatIsThere_ThenOnlyDifferences()
    {
        Publish("a", "1");
        var calls = new List<string>();
        using var subscription = _mirror.Subscribe(change => calls.Add(string.Join(' ', change.Changes.Select(Recorder.Text))));
        RunAll();

        Publish("a", "2");
        Publish("a", "1");
        RunAll();
        Publish("b", "1");
        RunAll();

        Assert.Equal(["+Alarm/a=1", "+Alarm/b=1"], calls);
    }

    [Fact]
    public void Schedule_ManyTimes_QueuesOneRun()
    {
        using var subscription = _mirror.Subscribe(_ => { });
        for (var i = 0; i < 100; i++)
        {
            Publish("a", $"{i}");
        }

        Assert.Single(_work);
        RunAll();
        Assert.Empty(_work);
        Assert.Equal(_mirror.Snapshot().Number, subscription.HandledNumber);
    }

    [Fact]
    public void Handler_ThatChangesTheMirror_IsCalledForThatToo_AndComesToRest()
    {
        var calls = 0;
        using var subscription = _mirror.Subscribe(change =>
        {
            calls++;
            Publish("answer", $"{Math.Min(calls, 5)}");
        });
        Publish("question", "x");

        RunAll();

        // The fifth answer is the same as the sixth, so nothing changes any more.
        Assert.Equal(6, calls);
        Assert.Equal(_mirror.Snapshot().Number, subscription.HandledNumber);
    }

    [Fact]
    public void Change_WhileTheHandlerRuns_IsDeliveredAfterIt()
    {
        var calls = new List<string>();
        using var subscription = _mirror.Subscribe(change =>
        {
            calls.Add(string.Join(' ', change.Changes.Select(Recorder.Text)));
            if (calls.Count == 1)
            {
                Publish("b", "during");
            }
        });
        Publish("a", "1");
        RunAll();

        Assert.Equal(["+Alarm/a=1", "+Alarm/b=during"], calls);
    }

    [Fact]
    public void Handler_ThatThrows_RejectsItsChanges_AndIsCalledForTheNext()
    {
        var calls = 0;
        using var subscription = _mirror.Subscribe(_ => throw new InvalidOperationException($"no {++calls}"));
        Publish("a", "1");
        RunAll();
        Assert.Equal(("no 1", Id(Alarm, "a")), (_mirror.Rejections().Single().Reason, _mirror.Rejections().Single().Id));

        Publish("b", "1");
        RunAll();
        Assert.Equal(2, _mirror.Counters.Rejected);
        Publish("a", "2");

        // The refused version is not the latest any more.
        Assert.Equal([Id(Alarm, "b")], _mirror.Rejections().Select(one => one.Id));
    }

    [Fact]
    public void Dispose_WithARunQueued_CallsNobody()
    {
        var calls = 0;
        var subscription = _mirror.Subscribe(_ => calls++);
        Publish("a", "1");

        subscription.Dispose();
        RunAll();
        Publish("a", "2");

        Assert.Equal((0, 0, 0), (calls, _work.Count, _mirror.SubscriptionCount));
    }

    [Fact]
    public void HandledNumber_IsThatOfTheSlowestHandler_AndWakesOnce()
    {
        using var first = _mirror.Subscribe(_ => { });
        RunAll();
        Publish("a", "1");
        Assert.True(_mirror.HandledNumber < _mirror.Snapshot().Number);
        var woken = 0;
        void Wake() => woken++;
        _mirror.WakeWhenHandled(Wake);

        RunAll();

        Assert.Equal((1, _mirror.Snapshot().Number), (woken, _mirror.HandledNumber));
        Publish("a", "2");
        RunAll();
        Assert.Equal(1, woken);
    }

    [Fact]
    public async Task Handler_OnTheThreadPool_SeesTheLastStateOfManyWriters_NeverTwoCallsAtOnce()
    {
        var table = new Types.TypeTable();
        table.Declare(All.Single(type => type.Name == Alarm));
        var mirror = new Mirror(table, new MirrorOptions { Node = "node", DynamicSpace = new("node", "1") });
        var (running, state) = (0, new Dictionary<string, string>());
        var overlaps = 0;
        using var subscription = mirror.Subscribe(change =>
        {
            overlaps += Interlocked.Increment(ref running) > 1 ? 1 : 0;
            foreach (var one in change.Changes)
            {
                state[Name(one.Id)] = one.New!.Value.ToStringUtf8();
            }

            Interlocked.Decrement(ref running);
        });

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                mirror.Publish([Object(Alarm, $"w{writer}", $"{i}")], []);
            }
        })));
        await Until.HandledAsync(mirror);

        Assert.Equal(0, overlaps);
        Assert.Equal(4, state.Count(one => one.Value == "1999"));
    }

    [Fact]
    public void Sessions_ThatCameAndWent_LeaveNoWakeBehind()
    {
        var scenario = new Scenario();
        var watched = scenario.Leaf("watched", none => none.With(Alarm, Selector.All));
        scenario.Connect(watched);
        var before = scenario.Hub.Mirror.WakeCount;
        for (var i = 0; i < 50; i++)
        {
            // A hub without handlers has handled everything at once, and nothing ever says so again.
            var leaf = scenario.Leaf($"leaf{i % 5}", none => none.WithSite("berlin"), process: $"p{i % 5}");
            leaf.Mirror.Publish([Object(Alarm, $"a{i}", "x")], []);
            var link = scenario.Connect(leaf);
            scenario.Tree.Pass(100);
            link.Cut(scenario.Tree.NowMs);
            scenario.Tree.Settle();
        }

        Assert.Equal(before, scenario.Hub.Mirror.WakeCount);
    }

    private void Publish(string name, string value) => _mirror.Publish([Object(Alarm, name, value)], []);

    private void RunAll()
    {
        for (var runs = 0; _work.TryDequeue(out var work); runs++)
        {
            Assert.True(runs < 1000, "The subscriptions do not come to rest.");
            work();
        }
    }
}
