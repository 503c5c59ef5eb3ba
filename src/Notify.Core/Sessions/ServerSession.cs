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

        // What objects of the store refer to is for those to say who write them.
        return Mirror.Types.Declare(declaration.Kind == Types.TypeKind.Stored ? declaration with { RefersTo = [] } : declaration);
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
