using Notify.Core.Caches;
using Notify.Core.Sessions;
using Notify.Testing.Tree;

namespace Notify.Core.Tests;

/// <summary>Four levels in which somebody waits until nodes have applied a revision: a leaf below both relays and one next to the hub.</summary>
public abstract class WaitTree : FourLevels
{
    private protected static string[] Pending(AppliedWait wait)
    {
        var progress = wait.Progress();
        Assert.Equal(progress.PendingNodes.Count, progress.Pending);
        return [.. progress.PendingNodes.Order(StringComparer.Ordinal)];
    }

    /// <summary>Whatever comes to the node from now on is not handled before its handlers are no longer stalled.</summary>
    private protected static MirrorSubscription Stall(SimulatedNode node)
    {
        var subscription = node.Mirror.Subscribe(_ => { }, node.Mirror.Snapshot());
        node.HandlersStalled = true;
        return subscription;
    }

    private protected AppliedWait Begin(long revision, string nodes = "*") => Hub.Hub!.BeginWait(revision, NodeSelector.Parse(nodes));

    /// <summary>A relay beside the others, next to the hub.</summary>
    private protected SimulatedNode Other()
    {
        var other = _scenario.Relay("other");
        _scenario.Connect(other);
        return other;
    }

    private protected (SimulatedNode Deep, SimulatedNode Direct, SimulatedLink Below) Leaves()
    {
        var (deep, direct) = (_scenario.Leaf("deep", none => none.WithSite("berlin")), _scenario.Leaf("direct", none => none.WithSite("berlin")));
        var below = _scenario.Connect(deep, _lower);
        _scenario.Connect(direct);
        return (deep, direct, below);
    }
}
