using Notify.Core.Protocol;
using Notify.Core.Sync;
using Notify.Core.Transport;
using Space = Notify.Core.Journal.Space;

namespace Notify.Core.Sessions;

/// <summary>Hello and Welcome: who may have the name, what the session carries, what the peer already has of what it asks for.</summary>
internal sealed partial class ServerSession
{
    protected override void HandleHandshake(Frame frame)
    {
        if (frame.KindCase != Frame.KindOneofCase.Hello || _rival is not null)
        {
            throw new FormatException($"{frame.KindCase} came before the handshake was done.");
        }

        _hello = frame.Hello;
        if (Check(_hello) is { } problem)
        {
            EndWith(problem.Code, problem.Reason);
            return;
        }

        (Peer, PeerRole, PeerProcess) = (_hello.Node, _hello.Role, _hello.Process);
        Attach();
    }

    private SessionEnd? Check(Hello hello)
    {
        if (!hello.Versions.Intersect(Settings.OfferedVersions).Any())
        {
            return new SessionEnd(
                GrpcStatusCode.FailedPrecondition,
                $"No common protocol version: the client speaks {string.Join(", ", hello.Versions)}, this node {string.Join(", ", Settings.OfferedVersions)}.");
        }

        if (hello.Node.Length is 0 or > 256 || hello.Process.Length is 0 or > 256 || hello.Attachment is < 1 or > SessionLimits.AttachmentMax)
        {
            return new SessionEnd(GrpcStatusCode.InvalidArgument, "Hello needs a node name, a process and an attachment from 1 to 2^62.");
        }

        if (hello.DynamicSpace is not { Id.Length: > 0, Incarnation.Length: > 0 })
        {
            return new SessionEnd(GrpcStatusCode.InvalidArgument, "Hello needs the dynamic space of the client.");
        }

        return TooManyItems(hello.Relay, hello.Interest.Count);
    }

    private void Attach()
    {
        var result = _hub.Attach(this, _hello!.Node, _hello.Process, _hello.Attachment);
        switch (result.Outcome)
        {
            case AttachOutcome.Accepted:
                Accept(_hello, result);
                break;
            case AttachOutcome.Fenced:
                SendControl(new Frame
                {
                    Fenced = new Fenced { Node = _hello.Node, Highest = result.Highest, Process = result.Process },
                });
                break;
            case AttachOutcome.Probe:
                _rival = result.Rival!;
                _probeEndsAt = NowMs + _hub.Options.ProbeMs;
                _rival.Probe();
                break;
            case AttachOutcome.NameTaken:
                EndWith(GrpcStatusCode.AlreadyExists, $"Another process has the node name {_hello.Node}. Give each node a name of its own.");
                break;
            case AttachOutcome.Draining:
                var leftMs = Math.Max(0, (_hub.DrainEndsAt ?? NowMs) - NowMs);
                SendControl(new Frame { RetryHint = new RetryHint { DelayMs = (uint)leftMs } });
                EndAfterControl(new SessionEnd(GrpcStatusCode.Unavailable, $"{Mirror.Node} is about to stop. Connect elsewhere."));
                break;
            default:
                EndWith(GrpcStatusCode.Unavailable, $"This node has {_hub.Options.SessionsMax} sessions, its limit.");
                break;
        }
    }

    private void EndProbe(ServerSession rival)
    {
        (_rival, _probeEndsAt) = (null, long.MaxValue);
        if (rival.HasAnswered && !rival.IsGivenUp)
        {
            _hub.EndChallenge(Peer, this);
            EndWith(
                GrpcStatusCode.AlreadyExists,
                $"Process {rival.PeerProcess} has the node name {Peer} and is alive. Give each node a name of its own.");
            return;
        }

        rival._isGivenUp = true;
        Attach();
    }

    private void Accept(Hello hello, AttachResult attached)
    {
        _carrier = attached.Carrier;
        CheckPeerLimits(hello.Limits);
        if (End is not null)
        {
            return;
        }

        LearnTypes(hello.Types_);
        _messages = [.. hello.Messages];
        _hub.TypesLearned();
        DynamicReceiver = new BundleReceiver(SpaceKind.Dynamic, PeerTypes, nodeBelow: Peer, hello.Relay, Limits);
        var resumesUp = attached.ResumeSpace is { } space && space == WireTypes.FromWire(hello.DynamicSpace);
        SendControl(new Frame { Welcome = Welcome(hello, resumesUp ? attached.ResumeRevision : 0) });
        Open(hello.SilenceMs);
        AddSender(Sender(SpaceKind.Stored, hello, Mirror.StoredJournal.Space));
        AddSender(Sender(SpaceKind.Dynamic, hello, Mirror.DynamicJournal.Space));
        NoteItems();
    }

    private Welcome Welcome(Hello hello, long resumeRevision)
    {
        var welcome = new Welcome
        {
            Version = hello.Versions.Intersect(Settings.OfferedVersions).Max(),
            Node = Mirror.Node,
            Process = Settings.Process,
            Role = Settings.Role,
            NotifyId = NotifyId,
            StoredSpace = Mirror.StoredJournal.Space is { } stored ? WireTypes.ToWire(SpaceKind.Stored, stored) : null,
            DynamicSpace = WireTypes.ToWire(SpaceKind.Dynamic, Mirror.DynamicJournal.Space!),
            ResumeRevision = resumeRevision,
            Limits = new Limits { FrameBytesMax = (uint)Limits.FrameBytesMax },
            HeartbeatMs = (uint)Limits.HeartbeatMs,
            SilenceMs = (uint)Limits.SilenceMs,
        };
        welcome.Types_.Add(OwnTypes());
        return welcome;
    }

    private BundleSender Sender(SpaceKind kind, Hello hello, Space? space)
    {
        var interest = new SenderInterest();
        var points = hello.Resume.Where(point => point.Space?.Kind == kind).ToArray();
        var resume = space is null ? [] : points.Where(point => WireTypes.FromWire(point.Space) == space).ToArray();
        var peerSpace = WireTypes.FromWire(points.FirstOrDefault()?.Space);
        var resumed = resume.SelectMany(point => point.Items).ToHashSet();
        foreach (var item in hello.Interest.Select(WireTypes.FromWire))
        {
            _items[item.Number] = item;
            if (!IsIn(kind, item))
            {
                interest.AddOtherSpace(item);
                continue;
            }

            if (interest.Items.ContainsKey(item.Number))
            {
                throw new FormatException($"Interest item {item.Number} came twice.");
            }

            item.NeedsWhole = !resumed.Contains(item.Number);
            interest.Add(item);
        }

        // One cursor for all: from the lowest revision on, what some items have already is sent again and dropped by the receiver.
        var revision = resume.Where(point => point.Items.Count > 0).Select(point => point.Revision).DefaultIfEmpty(0).Min();
        return new BundleSender(
            Mirror, kind, _carrier!.Origin, interest, resume.Length > 0 ? space : null, revision, _hub.CompletenessOf, Wake)
        {
            // While this node's store is not loaded nobody knows which space it will be; that the client has been ahead in one counts all the same.
            // A relay follows the space that it is told of in the welcome also where it asks for nothing.
            PeerSpace = peerSpace ?? (hello.Relay ? space : null),
            PeerAwaitsSpace = hello.Relay && space is null,
            NotBefore = points.Where(point => WireTypes.FromWire(point.Space) == peerSpace).Select(point => point.Revision).DefaultIfEmpty(0).Max(),
            // The dynamic space is this node's own, so its lanes know all that went in it.
            KnowsSince = kind == SpaceKind.Stored ? _hub.KnowsSince : null,
            MayWait = kind == SpaceKind.Stored ? MayWait : null,
            MayBeginWhole = kind == SpaceKind.Stored ? MayBeginWhole : null,
            WholeEnded = kind == SpaceKind.Stored ? LeaveFullSyncs : null,
            Distance = kind == SpaceKind.Stored ? () => QueuedFor : null,
        };
    }
}
