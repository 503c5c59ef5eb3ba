using System.Collections.Concurrent;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Messages;
using Notify.Core.Protocol;
using Notify.Core.Sync;
using Notify.Core.Transport;
using Notify.Core.Types;
using Barrier = Notify.Core.Protocol.Barrier;
using Scope = Notify.Core.Types.Scope;
using Space = Notify.Core.Journal.Space;
using TypeDeclaration = Notify.Core.Types.TypeDeclaration;

namespace Notify.Core.Sessions;

/// <summary>The upper end of a link: checks who says hello, sends down what was asked for, takes dynamic objects from below.</summary>
internal sealed partial class ServerSession : LinkSession
{
    private const int PendingChangesMax = 1024;

    private readonly Hub _hub;
    private Carrier? _carrier;
    private Hello? _hello;
    private ServerSession? _rival;
    private long _probeEndsAt = long.MaxValue;
    private ulong _probe;
    private volatile bool _isGivenUp;
    private volatile bool _probeDue;
    private volatile bool _probeAnswered;
    private volatile bool _drainDue;
    private readonly ConcurrentQueue<(Fenced Fenced, long After)> _fenced = new();
    private readonly Dictionary<uint, SenderItem> _items = [];
    private volatile IReadOnlyCollection<Scope> _scopes = [];
    private HashSet<string> _messages = [];
    private uint _lastInterestChange;

    public ServerSession(
        Mirror mirror, Hub hub, SessionSettings settings, MessageRouter router, string address, Action wake, long nowMs)
        : base(mirror, settings, router, wake, nowMs) => (_hub, Address, _place) = (hub, address, new FullSyncQueue.Place(wake));

    /// <summary>Where the peer calls from, for people.</summary>
    public string Address { get; }

    /// <summary>The NotifyId, or 0 before the handshake is done.</summary>
    public long NotifyId => _carrier?.NotifyId ?? 0;

    /// <summary>Number of the session as the peer counts them, or 0 before the handshake.</summary>
    public long Attachment => _hello?.Attachment ?? 0;

    /// <summary>What the session carries; null before the handshake is done.</summary>
    public Carrier? Carrier => _carrier;

    /// <summary>What the peer asks for. Replaced whole, so that it can be read from any thread.</summary>
    public IReadOnlyList<SenderItem> Items { get; private set; } = [];

    /// <summary>How many objects the session carries. Call it inside the mirror's lock.</summary>
    public int Carried => _carrier?.Keys.Count ?? 0;

    /// <summary>The session is ending, or did not answer a probe: nobody needs to ask it again.</summary>
    public bool IsGivenUp => _isGivenUp || End is not null;

    protected override long NextOwnTickAt =>
        Math.Min(
            Math.Min(_probeEndsAt, _turnSince is { } since ? since + Limits.StallMs : long.MaxValue),
            DynamicReceiver?.OpenedAt is { } opened ? opened + Limits.BundleMs : long.MaxValue);

    /// <summary>True when the peer asked for anything in the scope. Safe from any thread.</summary>
    public bool IsInterestedIn(Scope scope) => _scopes.Contains(scope);

    /// <summary>Another session of the node takes over: this one ends and changes nothing any more. Safe from any thread.</summary>
    public void Fence(long highest, string process)
    {
        _isGivenUp = true;
        RequestEnd(GrpcStatusCode.Aborted, $"Session {highest} of process {process} has taken over the name {Peer}.");
    }

    /// <summary>Tells the peer that another session has taken over from its own, or from that of a node behind it. Safe from any thread.</summary>
    /// <param name="fenced">What to tell.</param>
    /// <param name="after">Not before it was sent everything up to this commit of the dynamic journal, which shows what the newer session brought.</param>
    public void PassFenced(Fenced fenced, long after = -1)
    {
        if (_fenced.Count < PendingChangesMax)
        {
            _fenced.Enqueue((fenced, after));
            Wake();
        }
        else
        {
            RequestEnd(GrpcStatusCode.ResourceExhausted, "The peer does not read which nodes it has lost.");
        }
    }

    /// <summary>The peer goes elsewhere by itself when it is told that this node goes down.</summary>
    public bool Moves => _hello is { Moves: true };

    /// <summary>The hub goes down, and the peer is to be told. Safe from any thread.</summary>
    public void NoteDrain()
    {
        _drainDue = true;
        Wake();
    }

    /// <summary>Asks the peer for a sign of life. Safe from any thread; <see cref="HasAnswered"/> tells.</summary>
    private void Probe()
    {
        _probeAnswered = false;
        _probeDue = true;
        Wake();
    }

    /// <summary>The peer has answered the probe.</summary>
    private bool HasAnswered => _probeAnswered;

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

    protected override void HandleOther(Frame frame)
    {
        switch (frame.KindCase)
        {
            case Frame.KindOneofCase.BarrierReply:
                _probeAnswered |= frame.BarrierReply.Id == _probe;
                _hub.NoteBarrierReply(this, frame.BarrierReply);
                break;
            case Frame.KindOneofCase.InterestChange:
                ChangeInterest(frame.InterestChange);
                break;
            case Frame.KindOneofCase.Rejected:
                Mirror.Counters.AddRejected();
                break;
            case Frame.KindOneofCase.Attached when _hello!.Relay:
                _hub.NoteAttached(this, frame.Attached);
                break;
            case Frame.KindOneofCase.Attached:
                throw new FormatException($"{Peer} is no relay, and speaks for {frame.Attached.Node}.");
            default:
                break;
        }
    }

    protected override CacheType Learn(TypeDeclaration declaration)
    {
        if (Mirror.Types.Find(declaration.Name) is { } known)
        {
            known.Declaration.Union(declaration); // Throws where they conflict; what a node below adds to a known type is not taken.
            return known;
        }

        return Mirror.Types.Declare(declaration);
    }

    protected override long Commit(IncomingBundle bundle) => _hub.Commit(
        this, _carrier!, bundle, number => PeerTypes.GetValueOrDefault(number)?.Name);

    protected override void BeforeWrite()
    {
        // A relay's own objects are known elsewhere by the number that they go up with.
        Output.Attachment = Mirror.Upstream.Attachment;
        while (TakeFenced() is { } fenced)
        {
            SendControl(new Frame { Fenced = fenced });
        }

        if (_drainDue && IsOpen && _hub.DrainEndsAt is { } endsAt)
        {
            _drainDue = false;
            SendControl(new Frame { Drain = new Drain { DeadlineMs = (uint)Math.Max(0, endsAt - NowMs) } });
        }

        if (_probeDue)
        {
            _probeDue = false;
            _probe = NextBarrier();
            SendControl(new Frame { Barrier = new Barrier { Id = _probe, Space = SpaceKind.Dynamic } });
        }
    }

    /// <summary>After a bundle: it may be what a fence waits for.</summary>
    protected override bool TryWriteAttached(FrameBuffer output)
    {
        if (TakeFenced() is not { } fenced)
        {
            return false;
        }

        output.Write(new Frame { Fenced = fenced });
        return true;
    }

    /// <summary>The next fence that is due, or null. After the peer's own the session ends.</summary>
    private Fenced? TakeFenced()
    {
        if (!_fenced.TryPeek(out var next) || (next.After >= 0 && next.After > SentSequence) || !_fenced.TryDequeue(out next))
        {
            return null;
        }

        if (next.Fenced.Node == Peer)
        {
            _isGivenUp = true;
            EndAfterControl(new SessionEnd(GrpcStatusCode.Aborted, $"Session {next.Fenced.Highest} of {Peer} has taken over elsewhere."));
        }

        return next.Fenced;
    }

    private long SentSequence => Senders.FirstOrDefault(sender => sender.Kind == SpaceKind.Dynamic)?.SentSequence ?? -1;

    protected override void TickOwn()
    {
        LeaveIfTurnIsNotTaken();
        if (_rival is { } rival && (rival.HasAnswered || rival.IsGivenUp || NowMs >= _probeEndsAt))
        {
            EndProbe(rival);
        }

        if (DynamicReceiver?.OpenedAt is { } opened && NowMs - opened >= Limits.BundleMs)
        {
            EndWith(GrpcStatusCode.ResourceExhausted, $"A bundle was not ended within {Limits.BundleMs} ms.");
        }
    }

    protected override void OnEnded(SessionEnd end)
    {
        LeaveFullSyncs();
        _hub.Ended(this, saidGoodbye: end.Code == GrpcStatusCode.Ok, NowMs);
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

        return hello.Interest.Count > Limits.InterestItemsMax
            ? new SessionEnd(GrpcStatusCode.ResourceExhausted, $"More than {Limits.InterestItemsMax} interest items.")
            : null;
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

    protected override void OnPeerProgress() => _hub.NoteProgress(this);

    /// <summary>What the peer and all below it have applied of what was sent; where there was nothing to send, there is nothing to wait for.</summary>
    public long AppliedThere(SpaceKind space)
    {
        var (sent, bundled, _) = Progress(space);
        var acknowledged = BelowByPeer(space);
        return acknowledged >= bundled ? Math.Max(acknowledged, sent) : acknowledged;
    }

    /// <summary>True when the peer takes messages of a type. What nodes behind a relay take is theirs to say: it is sent everything.</summary>
    public bool Takes(string messageType) => IsRelay || _messages.Contains(messageType);
}
