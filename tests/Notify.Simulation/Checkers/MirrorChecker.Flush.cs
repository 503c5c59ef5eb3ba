using Notify.Core.Caches;
using Notify.Simulation.Network;
using Notify.Simulation.Nodes;

namespace Notify.Simulation.Checkers;

/// <summary>
/// Judges what goes from a hub: nothing that a live session of its owner carries and the hub has acknowledged, and nothing of a node that
/// vanished before its grace is over.
/// </summary>
internal sealed partial class MirrorChecker
{
    private readonly Dictionary<string, (long AtMs, bool IsGoodbye)> _endedSessions = new(StringComparer.Ordinal);

    private readonly HashSet<string> _elsewhere = new(StringComparer.Ordinal);

    /// <summary>A hub: a relay below or the upstream has spoken of the node's session elsewhere, which may be the newer one.</summary>
    public void OnElsewhere(string node) => _elsewhere.Add(node);

    private readonly Dictionary<string, long> _saidAtMs = new(StringComparer.Ordinal);

    /// <summary>A hub: a session of the node has ended here.</summary>
    public void OnSessionEnded(string node, bool isGoodbye) => _endedSessions[node] = (process.NowMs, isGoodbye);

    /// <summary>A hub: a bundle of the node was committed, which may have said that objects are gone, before its session ended.</summary>
    public void OnSaid(string node) => _saidAtMs[node] = world.NowMs;

    private void CheckFlush(ObjectChange one)
    {
        // What goes of shared objects, the store says.
        if (SimTypes.IsShared(one.Id.Type) || one.Old!.Stamp is not { } stamp || !world.Nodes.TryGetValue(stamp.Node, out var owner) || owner.Plan.IsHub)
        {
            return;
        }

        var links = world.Links.Where(link => link.BelowName == stamp.Node && link.Above?.Process == process).ToArray();
        foreach (var link in links.Where(link => IsInCharge(link, owner)))
        {
            var publisher = link.Below.Process;
            if (publisher.Published.TryGetValue(one.Id, out var published) && published.Revision <= link.AcknowledgedUp)
            {
                world.Fail("flush", $"{Name} lost {SimTypes.Name(one.Id)} by {stamp}, which {publisher.Id} publishes over a live session (#{link.Number}).");
            }
        }

        if (owner.Process is not { Link.AboveNode: var above } || above != process.Node || _elsewhere.Contains(stamp.Node) || IsAtAnother(stamp.Node))
        {
            CheckFlushBehind(one, owner);
            return;
        }

        if (_saidAtMs.GetValueOrDefault(stamp.Node, -1) == world.NowMs)
        {
            return;
        }

        if (one.Id.Type == SimTypes.Note && links.All(link => link.Above is not { IsLive: true }))
        {
            world.Fail("flush", $"{Name} lost {SimTypes.Name(one.Id)} by {stamp}, which is of a kept type, without its owner.");
        }

        if (world.Faults.GraceMs > 0
            && links.All(link => link.Above is not { IsLive: true })
            && _endedSessions.TryGetValue(stamp.Node, out var ended)
            && !ended.IsGoodbye
            && process.NowMs < ended.AtMs + world.Faults.GraceMs)
        {
            world.Fail("flush", $"{Name} lost {SimTypes.Name(one.Id)} by {stamp} {process.NowMs - ended.AtMs} ms after its session, with a grace of {world.Faults.GraceMs} ms.");
        }
    }

    /// <summary>
    /// The store says that another controller speaks for the node, or a controller that has just come to know the store does not know whether one does.
    /// </summary>
    private bool IsAtAnother(string node) => world.HasShared && _isHub
        && ((Mirror.Shared.Find(node) is { } record && record.Controller != process.Id) || world.NowMs < process.CalmSinceMs + 1000);

    /// <summary>
    /// What a node publishes that has gone elsewhere, while its session before stood, goes nowhere above both: from before it left until long after.
    /// </summary>
    private void CheckHandover(ObjectChange one, SimProcess publisher, long revision)
    {
        var at = publisher;
        while (at != process && at.Link is { Older: null } && IsLong(at) && HasIt(at, publisher, one, revision))
        {
            at = at.Link.Above!.Process;
        }

        if (at == process
            || at.Link is not { OpenedAtMs: { } openedAt, Client: { End: null, IsOpen: true }, Server: { End: null, IsGivenUp: false }, Above: { IsLive: true } above, Older: { OpenedAtMs: { } stoodSince, Above: { } before } older }
            || openedAt < stoodSince + LongMs
            || !IsEndOfHandover(older.Client.End) || !IsEndOfHandover(older.Server!.End)
            || (at == publisher ? revision > older.AcknowledgedUp : !HasIt(at, publisher, one, revision))
            || !IsBelow(above.Process) || !IsBelow(before.Process)
            || world.HasRival(at.Node.Plan.Name, at, number => number > older.Server!.Attachment)
            || world.HasRival(publisher.Node.Plan.Name, publisher, number => number > publisher.Link!.Server!.Attachment))
        {
            return;
        }

        world.Fail("handover", $"{Name} lost {SimTypes.Name(one.Id)} by {one.Old!.Stamp}, which {publisher.Id} publishes, while {at.Id} went from {older.AboveName} to {at.Link.AboveName}.");

        bool IsBelow(SimProcess hub)
        {
            while (hub != process && hub.IsAlive && hub.Link is not null && IsLong(hub))
            {
                hub = hub.Link.Above!.Process;
            }

            return hub == process;
        }
    }

    private static bool IsEndOfHandover(Core.Sessions.SessionEnd? end) =>
        end is null or { Code: Core.Transport.GrpcStatusCode.Ok or Core.Transport.GrpcStatusCode.Aborted };

    private bool IsLong(SimProcess at) =>
        at.Link is { OpenedAtMs: { } opened, Client: { End: null, IsRetired: false }, Above.IsLive: true, Server.IsGivenUp: false } && at.NowMs >= opened + LongMs;

    private static bool HasIt(SimProcess at, SimProcess publisher, ObjectChange one, long revision) =>
        at == publisher ? revision <= at.Link!.AcknowledgedUp : at.Mirror.Snapshot().Find(one.Id)?.Stamp == one.Old!.Stamp;

    /// <summary>
    /// What a node behind relays publishes does not go while they all have it, over sessions that have been there for long enough to have told of it.
    /// </summary>
    private void CheckFlushBehind(ObjectChange one, SimNode owner)
    {
        if (owner.Process is not { IsAlive: true } publisher || !publisher.Published.TryGetValue(one.Id, out var published))
        {
            return;
        }

        CheckHandover(one, publisher, published.Revision);
        if (published.Revision > publisher.Link?.AcknowledgedUp)
        {
            return;
        }

        for (var at = publisher; at != process;)
        {
            if (at.Link is not { OpenedAtMs: { } opened, Client.End: null, Above: { IsLive: true } next, Server.IsGivenUp: false } || at.NowMs < opened + LongMs
                || (at != publisher && at.Mirror.Snapshot().Find(one.Id)?.Stamp != one.Old!.Stamp))
            {
                return;
            }

            at = next.Process;
        }

        if (world.HasRival(owner.Plan.Name, publisher, number => number > publisher.Link!.Server!.Attachment))
        {
            return; // A second process of the name took over where nobody could ask the first one; that is told so, or is being told.
        }

        world.Fail("flush", $"{Name} lost {SimTypes.Name(one.Id)} by {one.Old!.Stamp}, which {publisher.Id} publishes over live sessions of {publisher.Link!.AboveName}.");
    }

    private long LongMs => 3000 + (10 * world.Faults.DelayMaxMs);

    private static bool IsInCharge(SimLink link, SimNode owner) =>
        link is { Above.IsLive: true, Server.IsGivenUp: false, Below.Process.IsAlive: true }
        && (link.Below.Process == owner.Process || link.Below.Process == owner.Twin);
}
