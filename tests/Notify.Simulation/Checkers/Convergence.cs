using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Core.Types;
using Notify.Simulation.Model;
using Notify.Simulation.Network;
using Notify.Simulation.Nodes;
using Notify.Simulation.Plans;

namespace Notify.Simulation.Checkers;

/// <summary>
/// After everything has healed: every mirror becomes equal to its upstream restricted to its interest, what hubs hold of nodes below is
/// what those nodes publish, and what is remembered of sessions is bounded by the sessions there are.
/// </summary>
internal sealed class Convergence(World world)
{
    /// <summary>Waits, silences, settling and grace are over after this.</summary>
    private const int RestMs = 8_000;

    private const int RestMaxMs = 40_000;

    /// <summary>In a world at rest a change is everywhere after this, without the help of any timer.</summary>
    private const int ProbeMs = 500;

    private const int ProbeDelayMaxMs = 20;

    public void Await()
    {
        var healedAt = world.NowMs;
        world.RunUntil(healedAt + RestMs + world.Faults.GraceMs + world.Faults.SettleMs);
        while (world.Violation is null && FirstProblem() is { } problem)
        {
            if (world.NowMs - healedAt > RestMaxMs)
            {
                world.Fail(problem.Checker, problem.What);
                return;
            }

            world.RunUntil(world.NowMs + 1000);
        }

        if (world.Violation is null && world.Faults.DelayMaxMs <= ProbeDelayMaxMs)
        {
            Probe();
        }
    }

    /// <summary>Changes one thing and has a look before any timer could help: whoever waits for it must have been woken.</summary>
    private void Probe()
    {
        var site = (int)(world.Plan.Seed % 4);
        ObjectPlan probe = (world.Plan.Seed % 3) switch
        {
            0 => new(SimTypes.Id(SimTypes.Flavor, "f0"), "probe", [], []),
            1 => new(SimTypes.Id(SimTypes.App, "a0"), "probe", [], [SimTypes.Id(SimTypes.Flavor, "f1")]),
            _ => new(SimTypes.Id(SimTypes.Inst, "i0"), "probe", [site], [SimTypes.Id(SimTypes.App, "a1")]),
        };
        world.Store.Commit([probe]);
        Look();
        if (world.Processes.FirstOrDefault(process => process.IsConnected) is { } publisher)
        {
            publisher.Publish([new(SimTypes.Id(SimTypes.Status, "probe"), "probe", [site], [])]);
            Look();
            if (world.HasShared && world.Violation is null)
            {
                publisher.Publish([new(SimTypes.Id(SimTypes.Report, "probe"), "probe", [site], [])]);
                Look();
                if (new SharedConvergence(world).ObjectProblem() is { } late)
                {
                    world.Fail("latency", $"{ProbeMs} ms after a publication in a world at rest: {late}");
                }
            }
        }
    }

    private void Look()
    {
        world.TimersAreHeld = true;
        world.RunUntil(world.NowMs + ProbeMs);
        world.TimersAreHeld = false;
        foreach (var process in world.Processes)
        {
            var problem = process.Node.Plan.IsController ? HubProblem(process)
                : process.Node.Plan.IsRelay ? RelayProblem(process, isProbed: true)
                : !process.Node.IsCompatible || process.Link?.Above is not { IsLive: true } above ? null
                : process.Checker.Difference(process.Mirror.Snapshot(), world.Model.Head) is { } difference ? ("", $"{process.Id} {difference}")
                : DynamicProblem(process, above.Process);
            process.Checker.CheckHandled();
            if (problem is { } late)
            {
                world.Fail("latency", $"{ProbeMs} ms after a change in a world at rest: {late.Item2}");
            }
        }
    }

    private (string Checker, string What)? FirstProblem()
    {
        foreach (var process in world.Processes)
        {
            if ((process.Hub is null ? LeafProblem(process) : process.Node.Plan.IsRelay ? RelayProblem(process) : HubProblem(process)) is { } problem)
            {
                return problem;
            }
        }

        if (new SharedConvergence(world).Problem() is { } shared)
        {
            return shared;
        }

        return world.Processes.Where(process => process.Hub is not null).Select(Leak).FirstOrDefault(leak => leak is not null) is { } what
            ? ("bounds", what)
            : world.Links.Select(Unacknowledged).FirstOrDefault(one => one is not null) is { } receipt ? ("receipts", receipt) : null;
    }

    /// <summary>At rest everything that was sent is acknowledged.</summary>
    private static string? Unacknowledged(SimLink link) =>
        link.Above is { IsLive: true } && link.Server is { IsOpen: true, IsGivenUp: false } session
            && session.Progress(SpaceKind.Stored).Bundled is var bundled && session.AppliedByPeer(SpaceKind.Stored) < bundled
            ? $"{link.BelowName} was sent revision {bundled} and has acknowledged {session.AppliedByPeer(SpaceKind.Stored)}"
            : null;

    private (string, string)? HubProblem(SimProcess hub)
    {
        var view = hub.Mirror.Snapshot();
        if (hub.Feeding.IsFaulted)
        {
            return ("exception", hub.Feeding.Exception!.ToString());
        }

        if (!IsAtHead(view))
        {
            return ("convergence", $"{hub.Id} is at revision {view.StoredRevision}, the store at {world.Model.Head}");
        }

        if (hub.Checker.Difference(view) is { } difference)
        {
            return ("convergence", $"{hub.Id} {difference}");
        }

        var candidates = Candidates(hub);
        foreach (var (id, values) in candidates)
        {
            if (view.Find(id) is not { } shown)
            {
                return ("flush", $"{hub.Id} lacks {SimTypes.Name(id)}, which {string.Join(" and ", values.Select(value => value.Owner))} publishes");
            }

            if (!values.Any(value => value.Object.SameContent(shown)))
            {
                return ("convergence", $"{hub.Id} shows {SimTypes.Name(id)}={shown.Value.ToStringUtf8()} by {shown.Stamp}, expected {string.Join(" or ", values.Select(value => value.Object.Value.ToStringUtf8()))}");
            }
        }

        foreach (var envelope in SimTypes.Dynamic.SelectMany(type => view.List(type)).Where(envelope => !candidates.ContainsKey(envelope.Id)))
        {
            // Kept objects stay until their owner comes back to this hub and says otherwise.
            var isKept = envelope.Id.Type == SimTypes.Note && !IsAttached(hub, envelope.Stamp!.Value.Node);
            if (!isKept)
            {
                return ("flush", $"{hub.Id} still shows {SimTypes.Name(envelope.Id)}={envelope.Value.ToStringUtf8()} by {envelope.Stamp}, which nobody publishes");
            }
        }

        return null;
    }

    /// <summary>A relay has what it asked for and what is published below it, and asks for what nodes below need.</summary>
    private (string, string)? RelayProblem(SimProcess relay, bool isProbed = false)
    {
        if (!relay.IsConnected || relay.Link!.Above is not { IsLive: true } above)
        {
            return ("convergence", $"{relay.Id} has no session");
        }

        if (!relay.Mirror.IsSynced)
        {
            return ("convergence", $"{relay.Id} is not synced");
        }

        if (RelayInterest.Problem(world, relay) is { } wrong)
        {
            return ("interest", wrong);
        }

        var view = relay.Mirror.Snapshot();
        var asked = RelayInterest.Asked(relay);
        if (!isProbed && asked.Items.Any(item => !SimTypes.IsDynamic(item.Type)) && !IsAtHead(view))
        {
            return ("convergence", $"{relay.Id} is at revision {view.StoredRevision}, the store at {world.Model.Head}");
        }

        // What is not for it moves its revision with the next heartbeat only.
        if (asked.Items.Any(item => !SimTypes.IsDynamic(item.Type)) && relay.Checker.Difference(view, world.Model.Head) is { } difference)
        {
            return ("convergence", $"{relay.Id} {difference}");
        }

        var objects = SimTypes.Dynamic.SelectMany(type => above.Process.Mirror.Snapshot().List(type)).ToDictionary(envelope => envelope.Id);
        var wanted = Restriction.Of(objects, static (from, to) => from == SimTypes.Status && to == SimTypes.Detail, asked);
        var below = Candidates(relay);
        foreach (var id in wanted.Concat(below.Keys))
        {
            if (view.Find(id) is not { } shown)
            {
                return ("flush", $"{relay.Id} lacks {SimTypes.Name(id)}, which {(below.TryGetValue(id, out var values) ? values[0].Owner : above.Process.Id)} has");
            }

            var isRight = (wanted.Contains(id) && shown.SameContent(objects[id])) || (below.TryGetValue(id, out var said) && said.Any(one => one.Object.SameContent(shown)));
            if (!isRight)
            {
                return ("convergence", $"{relay.Id} shows {SimTypes.Name(id)}={shown.Value.ToStringUtf8()} by {shown.Stamp}, which neither its upstream nor anybody below says");
            }
        }

        foreach (var envelope in SimTypes.Dynamic.SelectMany(type => view.List(type)).Where(one => !wanted.Contains(one.Id) && !below.ContainsKey(one.Id)))
        {
            if (envelope.Id.Type != SimTypes.Note)
            {
                return ("only what is wanted", $"{relay.Id} has {SimTypes.Name(envelope.Id)}={envelope.Value.ToStringUtf8()} by {envelope.Stamp}, which nobody below publishes or wants");
            }
        }

        return null;
    }

    private (string, string)? LeafProblem(SimProcess leaf)
    {
        if (!leaf.Node.IsCompatible)
        {
            return leaf.Mirror.Snapshot().StoredRevision > 0 ? ("convergence", $"{leaf.Id} shares no version with anybody and has state") : null;
        }

        if (!world.Processes.Any(process => process.Hub is not null))
        {
            return null;
        }

        if (!leaf.IsConnected || leaf.Link!.Above is not { IsLive: true } above)
        {
            return ("convergence", $"{leaf.Id} has no session");
        }

        if (!leaf.Mirror.IsSynced)
        {
            return ("convergence", $"{leaf.Id} is not synced: {string.Join(' ', leaf.Mirror.Upstream.Entries.Values.Select(entry => $"{entry.Number}:{entry.Completeness}{(entry.PruneDue ? "!" : "")}"))}");
        }

        var view = leaf.Mirror.Snapshot();
        if (!IsAtHead(view) && leaf.Node.Interest.Items.Any(item => !SimTypes.IsDynamic(item.Type)))
        {
            return ("convergence", $"{leaf.Id} is at revision {view.StoredRevision}, the store at {world.Model.Head}");
        }

        return view.StoredRevision > 0 && leaf.Checker.Difference(view) is { } difference
            ? ("convergence", $"{leaf.Id} {difference}")
            : DynamicProblem(leaf, above.Process);
    }

    private bool IsAtHead(MirrorSnapshot view) => view.StoredRevision == world.Model.Head && view.StoredSpace == world.Store.Identity.ToSpace();

    private static (string, string)? DynamicProblem(SimProcess leaf, SimProcess hub)
    {
        var (view, above) = (leaf.Mirror.Snapshot(), hub.Mirror.Snapshot());
        var objects = SimTypes.Dynamic.SelectMany(type => above.List(type)).ToDictionary(envelope => envelope.Id);
        var wanted = Restriction.Of(objects, static (from, to) => from == SimTypes.Status && to == SimTypes.Detail, leaf.Node.Interest);
        foreach (var id in wanted)
        {
            if (view.Find(id) is not { } shown || !shown.SameContent(objects[id]))
            {
                return ("convergence", $"{leaf.Id} has {SimTypes.Name(id)}={view.Find(id)?.Value.ToStringUtf8() ?? "-"}, {hub.Id} {objects[id].Value.ToStringUtf8()} by {objects[id].Stamp}");
            }
        }

        foreach (var envelope in SimTypes.Dynamic.SelectMany(type => view.List(type)).Where(envelope => !wanted.Contains(envelope.Id)))
        {
            if (!leaf.Published.TryGetValue(envelope.Id, out var own) || !own.Object.SameContent(envelope))
            {
                return ("only what is wanted", $"{leaf.Id} has {SimTypes.Name(envelope.Id)}={envelope.Value.ToStringUtf8()} by {envelope.Stamp}, which it does not publish and does not want from {hub.Id}");
            }
        }

        return null;
    }

    /// <summary>What the nodes attached to a hub, and the hub itself, publish.</summary>
    private Dictionary<ObjectId, List<(string Owner, Envelope Object)>> Candidates(SimProcess hub)
    {
        var candidates = new Dictionary<ObjectId, List<(string, Envelope)>>();
        foreach (var process in world.Processes.Where(process => process == hub || IsBelow(process, hub)))
        {
            foreach (var (id, (published, _)) in process.Published.Where(one => !SimTypes.IsShared(one.Key.Type)))
            {
                if (!candidates.TryGetValue(id, out var values))
                {
                    candidates.Add(id, values = []);
                }

                values.Add((process.Id, published));
            }
        }

        return candidates;
    }

    private bool IsAttached(SimProcess hub, string node) =>
        world.Nodes.TryGetValue(node, out var at)
        && (at.Process == hub || (at.Process is { IsAlive: true } process && IsBelow(process, hub)));

    private static bool IsBelow(SimProcess process, SimProcess hub) =>
        process.IsConnected && process.Link!.Above is { } above && (above.Process == hub || (above.Process.Node.Plan.IsRelay && IsBelow(above.Process, hub)));

    private string? Leak(SimProcess hub)
    {
        var attached = world.Links.Where(link => link.Above?.Process == hub && link.Above.IsLive).ToArray();
        if (hub.Hub!.SessionCount != attached.Length)
        {
            return $"{hub.Id} counts {hub.Hub.SessionCount} sessions, {attached.Length} live";
        }

        var kept = world.Nodes.Count;
        return hub.Hub.CarrierCount > attached.Length + kept
            ? $"{hub.Id} keeps {hub.Hub.CarrierCount} carriers for {attached.Length} sessions"
            : null;
    }
}
