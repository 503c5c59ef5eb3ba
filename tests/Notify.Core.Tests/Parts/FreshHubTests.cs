using Notify.Core.Sync;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests.Parts;

/// <summary>A hub at which nothing has happened yet.</summary>
public sealed class FreshHubTests
{
    [Fact]
    public void Interest_InADynamicScope_BeforeAnyDynamicObject_ComesToRest()
    {
        var scenario = new Scenario();
        var leaf = scenario.Leaf("leaf", none => none.With(Status, Selector.In(InSite("berlin"))));

        var link = scenario.Connect(leaf);

        Assert.True(leaf.Mirror.IsSynced);
        Assert.True(link.Log.Count < 20, $"{link.Log.Count} frames for nothing.");
        var frames = link.Log.Count;
        scenario.Tree.Pass(60_000);
        Assert.All(link.Log.Skip(frames), entry => Assert.True(entry.Frame.Heartbeat is not null || entry.Frame.Receipt is not null));
    }

    [Fact]
    public void Types_LearnedFromAPeer_WhileNothingChanges_ComeToRest()
    {
        // Each new reference between types makes lanes anew, in whatever epoch comes next: also in one that changes nothing.
        var scenario = new Scenario();
        var leaf = scenario.Leaf("leaf", none => none.With(Status, Selector.In(InSite("berlin"))));
        var link = scenario.Connect(leaf);
        scenario.Hub.Mirror.Types.Declare(new("t.Job", Types.TypeKind.Dynamic, All[0].KeyLayout) { RefersTo = [Status] });

        scenario.Connect(scenario.Leaf("other"));

        Assert.True(leaf.Mirror.IsSynced);
        Assert.True(link.Log.Count < 30, $"{link.Log.Count} frames for nothing.");
    }
}
