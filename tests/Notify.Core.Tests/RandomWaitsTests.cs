using Notify.Core.Sessions;
using Notify.Testing.Tree;

namespace Notify.Core.Tests;

/// <summary>Waits for nodes that come, go, move and restart in an order that a seed decides.</summary>
public sealed class RandomWaitsTests
{
    public static TheoryData<int, int> Seeds
    {
        get
        {
            var seeds = new TheoryData<int, int>();
            for (var seed = 1; seed <= 40; seed++)
            {
                seeds.Add(seed, 0);
                seeds.Add(seed, 4);
            }

            return seeds;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Wait_InAnyOrderOfEvents_IsDoneForNobodyWhoLacksTheRevision_AndForAllInTheEnd(int seed, int relays)
    {
        var (world, random) = (new ConvergenceWorld(seed, relays), new Random(seed));
        var waits = new List<(AppliedWait Wait, SimulatedNode Hub, HashSet<SimulatedNode> Lives)>();
        for (var round = 0; round < 4; round++)
        {
            for (var step = 0; step < 60; step++)
            {
                world.Step();
                if (waits.Count < 4 && random.Next(8) == 0)
                {
                    var hub = world.Hubs[random.Next(2)];
                    waits.Add((hub.Hub!.BeginWait(world.Revision - random.Next(2), NodeSelector.All), hub, [.. world.Clients]));
                }

                foreach (var one in waits.ToArray())
                {
                    if (one.Wait.Progress().IsApplied)
                    {
                        CheckApplied(world, one.Wait, one.Hub, one.Lives);
                    }

                    if (random.Next(20) == 0)
                    {
                        one.Wait.Dispose();
                        waits.Remove(one);
                    }
                }
            }

            world.ComeToRest();
            Array.ForEach([.. world.Hubs], hub => CheckAtRest(world, hub));
        }

        waits.ForEach(one => one.Wait.Dispose());
        world.Tree.Settle();
        Assert.All(world.Hubs.Concat(world.Clients), node => Assert.Equal(0, node.Hub?.WaitCount ?? 0));
        Assert.All(world.Tree.Links, link => Assert.Equal((0, 0), (link.Client.BarrierCount, link.Server.Barriers.Count)));
    }

    /// <summary>Who the hub counts as connected has it. A process that has begun since may yet be taken for the one before.</summary>
    private static void CheckApplied(ConvergenceWorld world, AppliedWait wait, SimulatedNode hub, HashSet<SimulatedNode> lives)
    {
        foreach (var known in hub.Hub!.Known(NodeSelector.All).Where(known => known.IsConnected && known.Name != hub.Name))
        {
            var node = world.Clients.Single(client => client.Name == known.Name);
            var view = node.Mirror.Snapshot();
            Assert.True(
                !lives.Contains(node) || view.StoredSpace is null || view.StoredRevision >= wait.Revision,
                $"{node.Name} is at {view.StoredRevision}, and {hub.Name} says that it has applied {wait.Revision}.\n{world.Trace}");
        }
    }

    private static void CheckAtRest(ConvergenceWorld world, SimulatedNode hub)
    {
        var below = world.Below(hub).Select(node => node.Name).Order(StringComparer.Ordinal).ToArray();
        var known = hub.Hub!.Known(NodeSelector.All).Where(node => node.Name != hub.Name).ToArray();
        Assert.Equal(below, known.Where(node => node.IsConnected).Select(node => node.Name));
        using var wait = hub.Hub.BeginWait(world.Revision, NodeSelector.All);
        world.Tree.Pass(300);
        var progress = wait.Progress();
        Assert.Equal(known.Where(node => !node.IsConnected).Select(node => node.Name), progress.Vanished);
        Assert.True(
            progress.Pending == progress.Vanished.Count, $"{hub.Name} waits for {string.Join(", ", progress.PendingNodes.Except(progress.Vanished))}.\n{world.Trace}");

        Assert.All(progress.Vanished, name => Assert.Equal(ForgetOutcome.Forgotten, hub.Hub.Forget(name)));
        world.Tree.Pass(300);
        Assert.True(wait.Progress().IsApplied);
    }
}
