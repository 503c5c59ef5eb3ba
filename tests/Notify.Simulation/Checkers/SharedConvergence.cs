using Notify.Core.Storage.Sharing;
using Notify.Simulation.Nodes;
using Envelope = Notify.Core.Types.Envelope;
using ObjectId = Notify.Core.Types.ObjectId;

namespace Notify.Simulation.Checkers;

/// <summary>
/// At rest the store has what connected nodes say of shared types, of those that are gone only what is kept, one record for each node that owns anything,
/// naming its controller, and of controllers the records of those that live. Mirrors are compared with the store elsewhere.
/// </summary>
internal sealed class SharedConvergence(World world)
{
    /// <summary>Nobody writes any more.</summary>
    private const int QuietMs = 1000;

    public (string Checker, string What)? Problem()
    {
        if (!world.HasShared)
        {
            return null;
        }

        var state = world.Model.At(world.Model.Head);
        return world.NowMs - world.Store.CommittedAtMs(world.Model.Head) < QuietMs ? ("progress", "Controllers still write though the world is at rest.")
            : ObjectProblem() is { } objects ? ("sharing", objects)
            : RecordProblem(state) is { } records ? ("records", records)
            : null;
    }

    /// <summary>What the store should have of shared objects, and has not, or the other way round.</summary>
    public string? ObjectProblem()
    {
        var state = world.Model.At(world.Model.Head);
        var said = world.Processes.Where(IsAttached)
            .SelectMany(process => process.Published.Values, (process, published) => (Node: process.Node.Plan.Name, published.Object))
            .Where(one => SimTypes.IsShared(one.Object.Id.Type)).ToLookup(one => one.Object.Id);
        foreach (var words in said)
        {
            var wanted = string.Join(" or ", words.Select(word => $"{word.Object.Value.ToStringUtf8()} by {word.Node}"));
            if (!state.TryGetValue(words.Key, out var stored))
            {
                return $"The store lacks {SimTypes.Name(words.Key)}={wanted}.";
            }

            if (!words.Any(word => word.Node == stored.Stamp!.Value.Node && word.Object.SameContent(stored)))
            {
                return $"The store has {SimTypes.Name(words.Key)}={stored.Value.ToStringUtf8()} by {stored.Stamp}, expected {wanted}.";
            }
        }

        // Of a node that is attached the store has what it says, also of a kept type.
        var attached = world.Processes.Where(IsAttached).Select(process => process.Node.Plan.Name).ToHashSet();
        return state.Values.FirstOrDefault(stored =>
            SimTypes.IsShared(stored.Id.Type) && !said.Contains(stored.Id) && (stored.Id.Type != SimTypes.Seal || attached.Contains(stored.Stamp!.Value.Node))) is { } rest
            ? $"The store still has {SimTypes.Name(rest.Id)}={rest.Value.ToStringUtf8()} by {rest.Stamp}, which nobody says."
            : null;
    }

    private string? RecordProblem(IReadOnlyDictionary<ObjectId, Envelope> state)
    {
        var hubs = world.Processes.Where(process => process.Hub is not null).Select(process => process.Id).ToHashSet();
        if (state.Keys.FirstOrDefault(id => id.Type == Records.Controllers.Name && !hubs.Any(hub => Records.Controller(hub, "").Id == id)) is { Type: not null } dead)
        {
            return $"The record {SimTypes.Name(dead)} is of no controller that lives.";
        }

        var owners = state.Values.Where(stored => SimTypes.IsShared(stored.Id.Type)).Select(stored => stored.Stamp!.Value.Node).ToHashSet();
        var processes = world.Processes.Where(IsAttached).ToDictionary(process => process.Node.Plan.Name);
        foreach (var record in state.Values.Where(stored => stored.Id.Type == Records.Attachments.Name).Select(SharedChecker.Parse))
        {
            if (!processes.TryGetValue(record.Key.Node, out var process))
            {
                if (owners.Contains(record.Key.Node))
                {
                    continue; // Of what is kept.
                }

                return $"There is a record of {record.Key.Node}, which is gone.";
            }

            var hub = process.Link!.Above!.Process.Id;
            if (owners.Contains(record.Key.Node) && (record.Process != process.Id || record.Controller != hub || !state.ContainsKey(Records.Controller(hub, "").Id)))
            {
                return $"The record of {process.Id} at {hub} names {record.Process} at {record.Controller}.";
            }
        }

        return owners.FirstOrDefault(owner => processes.ContainsKey(owner) && SharedChecker.Record(state, owner) is null) is { } lacking
            ? $"{lacking} owns shared objects and has no record."
            : null;
    }

    private static bool IsAttached(SimProcess process) => process.Hub is null && process is { IsConnected: true, Link.Above.IsLive: true };
}
