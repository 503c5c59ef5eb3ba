using Notify.Core.Sync;
using Notify.Testing.Tree;
using static Notify.Core.Tests.Scenario;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Convergence: writes stop, links are up, and every mirror equals its upstream restricted to what was asked for.</summary>
public sealed class G1Tests
{
    /// <summary>The last ones are of worlds that once broke it.</summary>
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 100), 123, 1660];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void G1_AnyOrderOfWritesCutsAndInterests_EndsInWhatWasAskedFor(int seed)
    {
        var world = new ConvergenceWorld(seed);
        for (var round = 0; round < 4; round++)
        {
            for (var step = 0; step < 60; step++)
            {
                world.Step();
            }

            world.ComeToRest();
            world.Check();
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void G1_AnyOrderThroughTwoLevelsOfRelays_EndsInWhatWasAskedFor(int seed)
    {
        var world = new ConvergenceWorld(seed, relays: 4);
        for (var round = 0; round < 4; round++)
        {
            for (var step = 0; step < 60; step++)
            {
                world.Step();
            }

            world.ComeToRest();
            world.Check();
        }
    }

    [Fact]
    public void G1_WritesWhileTheFirstSyncIsUnderWay_AreAllThereAtItsEnd()
    {
        var scenario = new Scenario(new() { StallMs = 1_000_000 });
        var large = new string('x', 1000);
        scenario.Write([.. Enumerable.Range(0, 300).Select(i => Object(Inst, $"i{i}", large, "berlin"))]);
        var leaf = scenario.Leaf("leaf", none => none.With(Inst, Selector.All));
        var link = scenario.Tree.Connect(leaf, scenario.Hub);
        var frames = 0;
        var nested = false;
        scenario.Tree.Stepped = () =>
        {
            if (!nested && link.Log.Count > frames)
            {
                (frames, nested) = (link.Log.Count, true);
                if (frames is > 2 and < 12)
                {
                    scenario.CommitUnseen([Object(Inst, $"i{frames}", "changed", "paris"), Object(Inst, $"new{frames}", "n", "rome")], [Id(Inst, $"i{frames + 100}")]);
                    scenario.Hub.Mirror.ApplyStoreCommit(
                        scenario.Revision,
                        [.. scenario.State().Values.Where(one => one.Revision == scenario.Revision)],
                        [Id(Inst, $"i{frames + 100}")]);
                }

                nested = false;
            }
        };

        scenario.Tree.Settle();

        Assert.True(scenario.Revision > 5);
        Holds(leaf, MirrorOracle.Text(scenario.State().Values));
        Assert.True(leaf.Mirror.IsSynced);
    }

    [Fact]
    public void G1_TwoHubsOfOneStore_LeaveAMovingLeafTheSame()
    {
        // Revisions are the store's, so what one hub sent the other one need not send again.
        var scenario = new Scenario().WithSmallWorld();
        var other = scenario.AddHub("other");
        scenario.CatchUp(other);
        var leaf = scenario.Leaf("leaf", none => none.WithSite("berlin"));
        scenario.Connect(leaf).Cut(scenario.Tree.NowMs);
        scenario.Write(Object(Inst, "b2", "new", "berlin", (App, "web")));
        scenario.CatchUp(other);

        var link = scenario.Connect(leaf, other);

        Holds(leaf, "App/web=a", "Flavor/small=f", "Inst/b1=x", "Inst/b2=new");
        Assert.Equal(["b2"], Sent(link, isDown: true));
    }

    [Fact]
    public void G1_DynamicObjects_ReachEveryOtherNodeThatWantsThem_AndGoEverywhere()
    {
        var scenario = new Scenario();
        var leaves = Enumerable.Range(0, 4).Select(i => scenario.Leaf($"leaf{i}", none => none.With(Alarm, Selector.All).With(Status, Selector.In(InSite("berlin"))))).ToArray();
        foreach (var leaf in leaves)
        {
            scenario.Connect(leaf);
            leaf.Mirror.Publish([Object(Alarm, leaf.Name, "up"), Object(Status, leaf.Name, "s", leaf == leaves[3] ? "paris" : "berlin")], []);
        }

        scenario.Tree.Settle();
        string[] shared = [.. leaves.Select(leaf => $"Alarm/{leaf.Name}=up"), .. leaves.Take(3).Select(leaf => $"Status/{leaf.Name}=s")];
        Assert.All(leaves.Take(3), leaf => Holds(leaf, shared));
        Holds(leaves[3], [.. shared, "Status/leaf3=s"]);

        foreach (var leaf in leaves)
        {
            leaf.Mirror.Publish([], leaf.Mirror.Published());
        }

        scenario.Tree.Settle();
        Assert.All(leaves, leaf => Holds(leaf));
        Holds(scenario.Hub);
    }
}
