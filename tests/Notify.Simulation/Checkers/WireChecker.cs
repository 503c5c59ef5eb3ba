using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Simulation.Network;
using Notify.Simulation.Nodes;

namespace Notify.Simulation.Checkers;

/// <summary>
/// Judges what one link carries: references come first (G7), nothing returns to where it came from (G9), and what is acknowledged is held.
/// </summary>
internal sealed class WireChecker(World world, SimLink link)
{
    private readonly Sending _down = new();
    private readonly Sending _up = new();
    private long _storedRevision;
    private long _below;
    private uint _storedInterest;
    private uint _dynamicInterest;

    /// <summary>A session wrote a frame.</summary>
    public void OnSent(bool isDown, ReadOnlySpan<byte> bytes)
    {
        switch (FramePeek.Kind(bytes))
        {
            case Frame.KindOneofCase.Welcome:
                if (link.Above!.Process.DrainedAtMs < world.NowMs)
                {
                    world.Fail("drain", $"{link.AboveName} is about to stop, and takes in {link.BelowName}.");
                }

                world.NoteAttached(link.BelowName, link.Server!.Attachment, link.Below.Process);
                world.Sharing?.OnAttached(link);
                break;
            case Frame.KindOneofCase.InterestChange:
                var change = Frame.Parser.ParseFrom(bytes).InterestChange;
                link.Below.Process.Checker.OnInterestSent(change.Number, change.Add, change.Remove);
                break;
            case Frame.KindOneofCase.Hello:
                link.Below.Process.Checker.OnInterestSent(0, Frame.Parser.ParseFrom(bytes).Hello.Interest, []);
                break;
            case Frame.KindOneofCase.BundleBegin:
                Begin(isDown, Frame.Parser.ParseFrom(bytes).BundleBegin);
                break;
            case Frame.KindOneofCase.BundleChanges:
                Judge(isDown, Frame.Parser.ParseFrom(bytes).BundleChanges);
                break;
            case Frame.KindOneofCase.Receipt:
                Judge(isDown, Frame.Parser.ParseFrom(bytes).Receipt);
                break;
            default:
                break;
        }
    }

    /// <summary>A frame was delivered, and the receiver has dealt with it.</summary>
    public void OnDelivered(bool isDown, byte[] bytes)
    {
        switch (FramePeek.Kind(bytes))
        {
            case Frame.KindOneofCase.BundleBegin when isDown:
                var begin = Frame.Parser.ParseFrom(bytes).BundleBegin;
                (begin.Space.Kind == SpaceKind.Stored ? ref _storedInterest : ref _dynamicInterest) = begin.Interest;
                break;
            case Frame.KindOneofCase.BundleEnd when isDown && link.Client is { End: null, IsRetired: false }:
                var isStored = Frame.Parser.ParseFrom(bytes).BundleEnd.Space == SpaceKind.Stored;
                link.Below.Process.Checker.OnBundle(isStored, isStored ? _storedInterest : _dynamicInterest);
                break;
            case Frame.KindOneofCase.Receipt when isDown && link.Client.End is null:
                var receipt = Frame.Parser.ParseFrom(bytes).Receipt;
                link.AcknowledgedUp = Math.Max(link.AcknowledgedUp, receipt.Applied);
                break;
            case Frame.KindOneofCase.Fenced when isDown:
                link.Below.Process.Checker.OnElsewhere(Frame.Parser.ParseFrom(bytes).Fenced.Node);
                break;
            case Frame.KindOneofCase.Attached when !isDown:
                link.Above!.Process.Checker.OnElsewhere(Frame.Parser.ParseFrom(bytes).Attached.Node);
                break;
            case Frame.KindOneofCase.BundleEnd when !isDown:
                link.Above!.Process.Checker.OnSaid(link.BelowName);
                break;
            case Frame.KindOneofCase.BundleChanges when !isDown || link.Below.Process.Node.Plan.IsRelay:
                NoteReceived(isDown, Frame.Parser.ParseFrom(bytes).BundleChanges);
                break;
            default:
                break;
        }
    }

    private void NoteReceived(bool isDown, BundleChanges frame)
    {
        var receiver = (isDown ? link.Below : link.Above!).Process.Checker;
        foreach (var change in frame.Changes)
        {
            receiver.OnReceived(new Core.Types.ObjectId(TypeName(isDown, change.Type), change.Key));
        }
    }

    private void Begin(bool isDown, BundleBegin begin)
    {
        (isDown ? _down : _up).Begin(begin.Space.Kind);
        _storedRevision = begin.Space.Kind == SpaceKind.Stored ? begin.Revision : _storedRevision;
        if (!isDown && begin.Space.Kind == SpaceKind.Stored)
        {
            world.Fail("echo", $"{link.BelowName} sends stored objects up.");
        }
    }

    private void Judge(bool isDown, BundleChanges frame)
    {
        var sending = isDown ? _down : _up;
        foreach (var change in frame.Changes)
        {
            var name = $"{TypeName(isDown, change.Type)[2..]}/{change.Key.ToStringUtf8()[2..]}";
            if (sending.Add(frame.Space, change, (from, to) => Refers(isDown, from, to)) is { } problem)
            {
                world.Fail("references", $"{(isDown ? link.AboveName : link.BelowName)} sends {name} {problem}.");
            }

            if (change.Removed == RemovalReason.None && change.Stamp is { } stamp && (isDown ? stamp.Node == link.BelowName && !IsOfAnotherSession(stamp) : stamp.Node != link.BelowName && !link.Below.Process.Node.Plan.IsRelay))
            {
                world.Fail("echo", isDown ? $"{link.AboveName} sends {name} back to {link.BelowName}." : $"{link.BelowName} sends {name} of {stamp.Node} up.");
            }
        }
    }

    /// <summary>
    /// Where there are relays, a hub may have of a node what that said elsewhere, over another session. Where two processes have one name, even one of the
    /// same number.
    /// </summary>
    private bool IsOfAnotherSession(Stamp stamp) => world.HasRelays
        && (stamp.Attachment != link.Server!.Attachment || world.HasRival(link.BelowName, link.Below.Process, number => number == stamp.Attachment));

    private void Judge(bool isDown, Receipt receipt)
    {
        if (isDown)
        {
            JudgeHub(receipt);
            return;
        }

        var leaf = link.Below.Process;
        if (leaf.Node.Plan.IsRelay && receipt.Space == SpaceKind.Stored)
        {
            if (receipt.Below > _below)
            {
                JudgeBelow(leaf, receipt.Below); // What it has said before stands, though somebody who is behind may have come since.
            }

            _below = Math.Max(_below, receipt.Below);
        }

        // Who asked for nothing of the store has nothing to apply.
        if (receipt.Space == SpaceKind.Stored
            && leaf.Mirror.Snapshot().StoredSpace == world.Store.Identity.ToSpace()
            && (leaf.Mirror.Snapshot().StoredRevision < receipt.Applied || leaf.Checker.FirstUnhandled(receipt.Applied) is not null))
        {
            world.Fail("receipts", $"{leaf.Id} acknowledges revision {receipt.Applied} and has {leaf.Mirror.Snapshot().StoredRevision}; "
                + $"its handler lacks {leaf.Checker.FirstUnhandled(receipt.Applied) ?? "nothing"}.");
        }
    }

    /// <summary>What a relay says that all below it have applied, all below it know of what they asked for.</summary>
    private void JudgeBelow(SimProcess relay, long below)
    {
        foreach (var child in world.Links.Where(child => child.Above?.Process == relay && child is { Above.IsLive: true, Server: { IsOpen: true, IsGivenUp: false } }))
        {
            var node = child.Below.Process;
            if (node.Mirror.Snapshot().StoredSpace != world.Store.Identity.ToSpace() || relay.Mirror.Snapshot().StoredSpace != world.Store.Identity.ToSpace())
            {
                continue;
            }

            if (node.Checker.FirstUnhandled(below) is { } lacking)
            {
                world.Fail("receipts", $"{link.BelowName} says that all below it have revision {below}, and {node.Id}'s handler lacks {lacking}.");
            }
        }
    }

    /// <summary>What a hub has acknowledged of a node's own objects it shows, be it as another node's version of the same key.</summary>
    private void JudgeHub(Receipt receipt)
    {
        var mirror = link.Above!.Process.Mirror;
        var view = mirror.Snapshot();
        if (receipt.Space != SpaceKind.Dynamic || link.Server!.IsGivenUp || link.Below.Process.Link != link)
        {
            return;
        }

        var hasTwin = world.Nodes[link.BelowName].Twin is not null;
        foreach (var (id, (published, revision)) in link.Below.Process.Published)
        {
            // Another node's version of the key may show; the node's own is the one that was acknowledged.
            if (revision <= receipt.Applied
                && ((SimTypes.IsShared(id.Type) ? mirror.DynamicJournal.Find(id)?.Current : view.Find(id)) is not { } shown || (shown.Stamp?.Node == link.BelowName && !hasTwin && !shown.SameContent(published))))
            {
                world.Fail("receipts", $"{link.AboveName} acknowledges revision {receipt.Applied} of {link.BelowName} and lacks {SimTypes.Name(id)} of revision {revision}.");
            }
        }
    }

    private string TypeName(bool isDown, uint number) =>
        (isDown ? link.Above! : link.Below).Process.Mirror.Types.All[(int)number - 1].Name;

    private bool Refers(bool isDown, uint from, uint to) =>
        from != 0 && to != 0 && Refers(TypeName(isDown, from), TypeName(isDown, to));

    /// <summary>A bundle has the order of its revision: later declarations do not count.</summary>
    private bool Refers(string from, string to) => SimTypes.IsDynamic(from)
        ? (from, to) == (SimTypes.Status, SimTypes.Detail)
        : world.Model.Refers(Math.Min(_storedRevision, world.Model.Head), from, to); // A relay may still pass on what was before a restore.

    /// <summary>The open bundles of one direction.</summary>
    private sealed class Sending
    {
        private readonly Bundle _stored = new();
        private readonly Bundle _dynamic = new();

        public void Begin(SpaceKind space) => (space == SpaceKind.Stored ? _stored : _dynamic).Clear();

        public string? Add(SpaceKind space, Change change, Func<uint, uint, bool> refers) =>
            (space == SpaceKind.Stored ? _stored : _dynamic).Add(change, refers);
    }

    private sealed class Bundle
    {
        private readonly HashSet<(uint Type, ByteString Key)> _seen = [];
        private readonly HashSet<(uint Type, ByteString Key)> _referred = [];
        private bool _isRemoving;

        public void Clear()
        {
            _seen.Clear();
            _referred.Clear();
            _isRemoving = false;
        }

        /// <summary>What is wrong with the place of a change, or null.</summary>
        public string? Add(Change change, Func<uint, uint, bool> refers)
        {
            var isRemoval = change.Removed != RemovalReason.None;
            var problem =
                !_seen.Add((change.Type, change.Key)) ? "twice in one bundle"
                : _isRemoving && !isRemoval ? "after a removal"
                : !isRemoval && _referred.Contains((change.Type, change.Key)) ? "after what refers to it"
                : null;
            _isRemoving |= isRemoval;
            foreach (var target in change.References.Where(target => refers(change.Type, target.Type)))
            {
                _referred.Add((target.Type, target.Key));
            }

            return problem;
        }
    }
}
