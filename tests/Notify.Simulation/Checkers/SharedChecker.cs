using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Storage;
using Notify.Core.Storage.Sharing;
using Notify.Core.Transport;
using Notify.Simulation.Network;
using Notify.Simulation.Nodes;
using Notify.Simulation.Plans;
using Envelope = Notify.Core.Types.Envelope;
using ObjectId = Notify.Core.Types.ObjectId;

namespace Notify.Simulation.Checkers;

/// <summary>
/// Judges what controllers write into the store for the nodes below them: only who speaks for a node writes what it owns, nothing goes back, and nothing
/// goes that its owner still says, unless that has been away for its grace period. Mirrors show the store, so what third parties see is judged here.
/// </summary>
internal sealed class SharedChecker(World world)
{
    private const int LongMs = 500;
    private const int RivalMs = 1000;

    private readonly HashSet<(string Node, string Controller)> _met = [];

    /// <summary>Sessions that began when their controller knew of all others.</summary>
    private readonly HashSet<SimLink> _known = [];

    /// <summary>A controller has taken a node in.</summary>
    public void OnAttached(SimLink link)
    {
        var hub = link.Above!.Process;
        _met.Add((link.BelowName, hub.Id));
        if (Math.Max(CalmSinceMs(hub), hub.PublishesSinceMs) < world.NowMs - LongMs && !ForgetsHistory)
        {
            _known.Add(link);
        }
    }

    /// <summary>A controller that has missed a while is not told of the records that came and went in it.</summary>
    private bool ForgetsHistory => world.Faults.IsDurable || world.Faults.Kinds.Contains(FaultKind.StoreCompaction);

    /// <summary>A controller's session has ended. It is fenced for another one only, not because others have taken its controller for gone.</summary>
    public void OnEnded(SimLink link, SessionEnd end)
    {
        if (_known.Remove(link) && end.Code == GrpcStatusCode.Aborted && link.Below.Process.IsAlive)
        {
            world.Schedule(RivalMs, () => JudgeFence(link)); // The other one may be welcomed after that.
        }
    }

    private void JudgeFence(SimLink link)
    {
        if (link.Below.Process.IsAlive
            && !world.HasRival(link.BelowName, link.Below.Process, number => number >= link.Server!.Attachment)
            && !world.IsAttached(link.BelowName, number => number > link.Server!.Attachment))
        {
            world.Fail("fenced", $"{link.Above!.Process.Id} has fenced session {link.Server!.Attachment} of {link.Below.Process.Id}, and there is no other.");
        }
    }

    /// <summary>A transaction has made the newest revision.</summary>
    public void OnCommitted(Transaction transaction, SimProcess? writer)
    {
        var (before, after) = (world.Model.At(world.Model.Head - 1), world.Model.At(world.Model.Head));
        foreach (var change in transaction.Changes)
        {
            var (old, now) = (before.GetValueOrDefault(change.Id), after.GetValueOrDefault(change.Id));
            if (change.Id.Type == Records.Attachments.Name)
            {
                JudgeRecord(old, now);
            }
            else if (SimTypes.IsShared(change.Id.Type) && now is not null)
            {
                JudgePut(old, now, Record(after, now.Stamp!.Value.Node), writer!);
            }
            else if (SimTypes.IsShared(change.Id.Type) && old is not null)
            {
                JudgeDelete(old, before, Record(after, old.Stamp!.Value.Node) ?? Record(before, old.Stamp!.Value.Node), writer!);
            }
        }
    }

    /// <summary>The record of a node in a state, or null.</summary>
    public static AttachRecord? Record(IReadOnlyDictionary<ObjectId, Envelope> state, string node) =>
        state.TryGetValue(Records.AttachId(node), out var record) ? Parse(record) : null;

    public static AttachRecord Parse(Envelope record) => AttachRecord.Parser.ParseFrom(record.Value);

    private void JudgeRecord(Envelope? old, Envelope? now)
    {
        if (old is null || now is null)
        {
            return;
        }

        var (from, to) = (Parse(old), Parse(now));
        if (to.Attachment < from.Attachment || (to.Attachment == from.Attachment && to.Controller != from.Controller))
        {
            world.Fail("takeover", $"{to.Key.Node} went from number {from.Attachment} at {from.Controller} to number {to.Attachment} at {to.Controller}.");
        }
    }

    private void JudgePut(Envelope? old, Envelope now, AttachRecord? record, SimProcess writer)
    {
        var stamp = now.Stamp!.Value;
        if (record?.Controller != writer.Id)
        {
            world.Fail("publishing", $"{writer.Id} writes {SimTypes.Name(now.Id)} of {stamp.Node}, for which {record?.Controller ?? "nobody"} speaks.");
        }

        if (!world.Model.WasPublished(now))
        {
            world.Fail("publishing", $"{writer.Id} writes {SimTypes.Name(now.Id)}={now.Value.ToStringUtf8()} by {stamp}, which was never published.");
        }

        if (old?.Stamp is { } last && stamp.IsOlderThan(last))
        {
            world.Fail("no going back", $"{writer.Id} writes {SimTypes.Name(now.Id)} by {stamp} over {last}.");
        }
    }

    private void JudgeDelete(Envelope old, IReadOnlyDictionary<ObjectId, Envelope> state, AttachRecord? record, SimProcess writer)
    {
        var stamp = old.Stamp!.Value;
        if (record is not null && record.Controller != writer.Id && state.ContainsKey(Records.Controller(record.Controller, "").Id))
        {
            world.Fail("flush", $"{writer.Id} deletes {SimTypes.Name(old.Id)} by {stamp}, for whom {record.Controller} speaks.");
        }

        if (old.Id.Type == SimTypes.Seal && !_met.Contains((stamp.Node, writer.Id)))
        {
            world.Fail("flush", $"{writer.Id} deletes {SimTypes.Name(old.Id)} by {stamp}, which is kept, and has never met {stamp.Node}.");
        }

        foreach (var publisher in Processes(stamp.Node).Where(process => Says(process, old)))
        {
            JudgeLoss(publisher, old, writer, record);
        }
    }

    /// <summary>A node that says an object has lost it.</summary>
    private void JudgeLoss(SimProcess publisher, Envelope old, SimProcess writer, AttachRecord? record)
    {
        var faults = world.Faults;
        var what = $"{writer.Id} deletes {SimTypes.Name(old.Id)}={old.Value.ToStringUtf8()} by {old.Stamp}, which {publisher.Id} says";
        var steadyMs = 500 + (4 * faults.DelayMaxMs) + (6 * faults.FlushMaxMs);
        if (publisher.Link is { SteadySinceMs: { } since, Above: { IsLive: true, Process: { IsFrozen: false } hub }, Server.IsGivenUp: false, Client.End: null }
            && world.NowMs - Math.Max(since, Math.Max(CalmSinceMs(hub), CalmSinceMs(writer))) > steadyMs)
        {
            world.Fail("flush", $"{what} at {hub.Id} since {world.NowMs - since} ms.");
        }

        if (writer.DrainedAtMs is { } drainedAtMs && drainedAtMs < world.NowMs - LongMs && CalmSinceMs(writer) < drainedAtMs && record?.Controller == writer.Id)
        {
            world.Fail("drain", $"{what}, and is about to stop.");
        }

        // Whoever lost the node noticed it then, or has not noticed it yet.
        var lastSeenMs = publisher.LastSeenMs;
        if (world.NowMs < lastSeenMs + faults.GraceMs && world.Processes.Where(process => process.Hub is not null).All(hub => CalmSinceMs(hub) < lastSeenMs - faults.LeaseTtlMs))
        {
            world.Fail("flap", $"{what}, {world.NowMs - lastSeenMs} ms after it was seen, with a grace of {faults.GraceMs} ms.");
        }
    }

    /// <summary>Since when nothing ails a controller and its way to the store.</summary>
    private long CalmSinceMs(SimProcess hub) => Math.Max(hub.CalmSinceMs, world.Store.CalmSinceMs(hub.Node.Plan.Name));

    private IEnumerable<SimProcess> Processes(string node) =>
        world.Nodes.TryGetValue(node, out var at) ? new[] { at.Process, at.Twin }.OfType<SimProcess>().Where(process => process is { IsAlive: true, IsLeaving: false }) : [];

    /// <summary>It is the very version that the process still publishes, and no other process of the name is in the way.</summary>
    private bool Says(SimProcess process, Envelope version) =>
        process.Published.TryGetValue(version.Id, out var said)
        && said.Object.SameContent(version)
        && said.Revision == version.Stamp!.Value.Revision
        && !world.HasRival(process.Node.Plan.Name, process, number => number >= version.Stamp!.Value.Attachment);
}
