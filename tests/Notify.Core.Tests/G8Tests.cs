using Notify.Core.Sessions;
using Notify.Core.Sync;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Slow consumers pay themselves: they get the latest of each key, and cost neither memory nor others' time.</summary>
public sealed class G8Tests
{
    private static Interest Insts(Interest none) => none.With(Inst, Selector.All);

    [Fact]
    public void G8_StalledSession_GetsTheLatestOfEachKey()
    {
        var scenario = new Scenario();
        var leaf = scenario.Leaf("slow", Insts);
        var link = scenario.Connect(leaf);
        link.DownHeld = true;
        for (var i = 0; i < 5000; i++)
        {
            scenario.Write(Object(Inst, $"i{i % 10}", $"{i}", "berlin"));
        }

        // Whatever came between, the journal holds one entry of each key, and the session a cursor.
        Assert.Equal(10, scenario.Hub.Mirror.StoredJournal.Main.Count);
        var from = link.Log.Count;
        link.DownHeld = false;
        scenario.Tree.Settle();

        Assert.True(Sent(link, isDown: true, from).Count <= 12, $"{Sent(link, isDown: true, from).Count} versions for 10 keys.");
        Holds(leaf, [.. Enumerable.Range(4990, 10).Select(i => $"Inst/i{i % 10}={i}")]);
    }

    [Fact]
    public void G8_StalledSession_HoldsMarkersWithinTheirBound()
    {
        var scenario = new Scenario(journal: new() { TombstonesMax = 20, ScopeMarkersMax = 20 });
        var leaf = scenario.Leaf("slow", none => none.WithSite("berlin"));
        var link = scenario.Connect(leaf);
        link.DownHeld = true;
        for (var i = 0; i < 1000; i++)
        {
            scenario.Write(Object(Inst, $"i{i}", $"{i}", "berlin"));
            scenario.Delete(Id(Inst, $"i{i}"));
        }

        var journal = scenario.Hub.Mirror.StoredJournal;
        Assert.True(journal.Main.Count <= 20);
        Assert.True(journal.FindLane(InSite("berlin"))!.Lane.Count <= 20);
        Assert.True(journal.RecordCount <= 40, $"{journal.RecordCount} keys are remembered.");
        link.DownHeld = false;
        scenario.Tree.Settle();

        // Markers were dropped behind the cursor, so the lane was sent whole; nothing was missed.
        Holds(leaf);
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G8_StalledSession_DelaysNobody()
    {
        var scenario = new Scenario();
        var (slow, fast) = (scenario.Leaf("slow", Insts), scenario.Leaf("fast", Insts));
        var stalled = scenario.Connect(slow);
        scenario.Connect(fast);
        stalled.DownHeld = true;
        for (var i = 0; i < 50; i++)
        {
            scenario.Write(Object(Inst, "i", $"{i}", "berlin"));
            Holds(fast, $"Inst/i={i}");
        }
    }

    [Fact]
    public void G8_Bundle_ThatIsNotRead_IsGivenUpAndSentAnew()
    {
        var scenario = new Scenario(new SessionLimits { StallMs = 10_000, SilenceMs = 1_000_000 });
        var large = new string('x', 1000);
        scenario.Write([.. Enumerable.Range(0, 1000).Select(i => Object(Inst, $"i{i}", large, "berlin"))]);
        var leaf = scenario.Leaf("slow", Insts);
        var link = scenario.Tree.Connect(leaf, scenario.Hub);
        scenario.Tree.Stepped = () => link.DownHeld |= link.Log.Any(entry => entry.Frame.BundleChanges is not null);
        scenario.Tree.Settle();
        scenario.Tree.Stepped = null;
        scenario.Delete([.. Enumerable.Range(0, 990).Select(i => Id(Inst, $"i{i}"))]);

        scenario.Tree.Pass(10_200);
        link.DownHeld = false;
        scenario.Tree.Settle();

        Assert.Single(link.Log, entry => entry.Frame.BundleAbort is not null);
        Assert.Equal(10, leaf.Mirror.Snapshot().Count(Inst));
        Assert.True(leaf.Mirror.IsSynced);
        Assert.True(Sent(link, isDown: true).Count < 500, "The bundle that was given up was sent to its end.");
    }

    [Fact]
    public void G8_Cut_KeepsItsVersions_WhateverIsWrittenWhileItIsSent()
    {
        var scenario = new Scenario();
        var large = new string('x', 1000);
        scenario.Write([.. Enumerable.Range(0, 500).Select(i => Object(Inst, $"i{i:000}", large, "berlin"))]);
        var leaf = scenario.Leaf("slow", none => none.With(Inst, Selector.In(InSite("berlin"))));
        var link = scenario.Connect(leaf);
        link.DownHeld = true;
        scenario.Write([.. Enumerable.Range(0, 500).Select(i => Object(Inst, $"i{i:000}", "second" + large, "berlin"))]);
        scenario.Write([.. Enumerable.Range(0, 500).Select(i => Object(Inst, $"i{i:000}", "third", i % 2 == 0 ? "berlin" : "paris"))]);
        var seen = new List<int>();
        scenario.Tree.Stepped = () => seen.Add(leaf.Mirror.Snapshot().List(Inst, null).Count(one => one.Value.ToStringUtf8().StartsWith("second", StringComparison.Ordinal)));

        link.DownHeld = false;
        scenario.Tree.Settle();

        Assert.Equal([0, 500], seen.Distinct().Order());
        Assert.Equal(250, leaf.Mirror.Snapshot().Count(Inst));
    }
}
