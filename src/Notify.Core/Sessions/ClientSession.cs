using System.Collections.Concurrent;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Messages;
using Notify.Core.Protocol;
using Notify.Core.Sync;
using Notify.Core.Transport;
using Barrier = Notify.Core.Protocol.Barrier;
using CacheType = Notify.Core.Types.CacheType;
using Completeness = Notify.Core.Sync.Completeness;
using Selector = Notify.Core.Sync.Selector;
using Space = Notify.Core.Journal.Space;
using TypeDeclaration = Notify.Core.Types.TypeDeclaration;

namespace Notify.Core.Sessions;

/// <summary>The lower end of a link: says hello, mirrors what it is sent, sends its dynamic objects up.</summary>
internal sealed partial class ClientSession : LinkSession
{
    private const int FencedMax = 3;
    private const int RejectionsMax = 256;

    private readonly ConcurrentQueue<Rejection> _rejections = new();
    private HashSet<string>? _wants;
    private bool _interestIsDirty;
    private volatile int _queued;

    private long _attachment;
    private int _fenced;
    private int _typesOffered;
    private uint _offers;
    private BundleSender? _upward;

    /// <summary>Creates a session that is about to say hello.</summary>
    /// <param name="mirror">What it feeds.</param>
    /// <param name="settings">What this node says of itself.</param>
    /// <param name="router">The node's messages.</param>
    /// <param name="wake">Has the pump look at the session.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="older">The session that this one is to take over from, which is paused; or null.</param>
    public ClientSession(
        Mirror mirror, SessionSettings settings, MessageRouter router, Action wake, long nowMs, ClientSession? older = null)
        : base(mirror, settings, router, wake, nowMs)
    {
        _older = older;
        // Listening comes first: a change of interest right after the opening is for this session to pass on.
        mirror.InterestChanged += OnInterestChanged;
        mirror.Rejected += OnRejected;
        _attachment = mirror.OpenUpstream(this);
        Output.Attachment = _attachment;
        SendControl(new Frame { Hello = Hello() });
    }

    /// <summary>
    /// How far this node is from its turn to be sent the store's objects from the beginning, at most; 0: it does not wait for that. Safe from any thread.
    /// </summary>
    public int Queued => _queued;

    /// <summary>The server's hint how long to wait before connecting again, if it gave one.</summary>
    public long? RetryAfterMs { get; private set; }

    protected override void HandleHandshake(Frame frame)
    {
        switch (frame.KindCase)
        {
            case Frame.KindOneofCase.Welcome:
                Accept(frame.Welcome);
                break;
            case Frame.KindOneofCase.Fenced when frame.Fenced.Highest >= SessionLimits.AttachmentMax:
                throw new FormatException($"Attachment {frame.Fenced.Highest} is higher than any can be.");
            case Frame.KindOneofCase.Fenced when _fenced++ < FencedMax:
                // Another process, or an earlier life of this one, used higher numbers. Go on above them.
                lock (Mirror.Gate)
                {
                    _attachment = Mirror.Upstream.Attachment = Math.Max(_attachment, frame.Fenced.Highest) + 1;
                }

                Output.Attachment = _attachment;
                SendControl(new Frame { Hello = Hello() });
                break;
            case Frame.KindOneofCase.Fenced:
                EndWith(GrpcStatusCode.AlreadyExists, $"Process {frame.Fenced.Process} keeps taking over the name {Mirror.Node}.");
                break;
            case Frame.KindOneofCase.RetryHint:
                RetryAfterMs = frame.RetryHint.DelayMs;
                break;
            default:
                throw new FormatException($"{frame.KindCase} came before Welcome.");
        }
    }

    protected override void HandleOther(Frame frame)
    {
        switch (frame.KindCase)
        {
            case Frame.KindOneofCase.Synced:
                Mirror.TakeSynced(frame.Synced.Space == SpaceKind.Stored, States(frame.Synced.Items));
                break;
            case Frame.KindOneofCase.Heartbeat:
                foreach (var progress in frame.Heartbeat.Spaces.Where(progress => progress.Space is SpaceKind.Stored or SpaceKind.Dynamic))
                {
                    // What was sent before this frame was committed before it, so the mirror is this far.
                    var receiver = progress.Space == SpaceKind.Stored ? StoredReceiver : DynamicReceiver;
                    if (progress.Space == SpaceKind.Stored)
                    {
                        Mirror.Upstream.StoredHead = progress.Head;
                        _queued = (int)Math.Min(int.MaxValue, progress.Queued);
                    }

                    if (receiver is { OpenedAt: null })
                    {
                        Mirror.AdvanceUpstream(progress.Space == SpaceKind.Stored, progress.Sent);
                        Applied(progress.Space, progress.Sent, Mirror.Snapshot().Number);
                    }
                }

                break;
            case Frame.KindOneofCase.Fenced when frame.Fenced.Node != Mirror.Node:
                Router.Hub?.NoteFenced(frame.Fenced);
                break;
            case Frame.KindOneofCase.Fenced:
                lock (Mirror.Gate)
                {
                    // What went up under a lower number counted for nothing further up, so the next session says everything.
                    Mirror.Upstream.Attachment = Math.Max(Mirror.Upstream.Attachment, frame.Fenced.Highest);
                    Mirror.Upstream.HubProcess = "";
                }

                EndWith(GrpcStatusCode.Aborted, $"Process {frame.Fenced.Process} has taken over the name {Mirror.Node}.");
                break;
            case Frame.KindOneofCase.RetryHint:
                RetryAfterMs = frame.RetryHint.DelayMs;
                break;
            case Frame.KindOneofCase.Drain:
                NoteDrain(frame.Drain.DeadlineMs);
                break;
            default:
                break;
        }
    }

    protected override CacheType Learn(TypeDeclaration declaration) => Mirror.Types.Declare(declaration);

    /// <summary>Of the dynamic space nobody waits for revisions, and a hub that settles says for long that it is not ready.</summary>
    protected override bool HasAll(SpaceKind space) => space != SpaceKind.Stored || Mirror.HasAllStored;

    protected override long Commit(IncomingBundle bundle)
    {
        _queued = bundle.IsStored ? 0 : _queued;
        return Mirror.CommitFromUpstream(bundle);
    }

    protected override void OnTypesDeclared()
    {
        OfferNewTypes();
        Router.Hub?.TypesLearned();
    }

    protected override long AppliedBelow(SpaceKind space) => Mirror.IsRelay ? Router.Hub!.AppliedBelow(space) : long.MaxValue;

    protected override AppliedWait? BeginWait(Barrier barrier) =>
        barrier.Space == SpaceKind.Stored && Router.Hub is { } hub && NodeSelector.TryParse(barrier.NodeSelector, out var nodes, out _)
            ? hub.BeginWaitForUpstream(barrier.Revision, nodes, Wake)
            : null;

    /// <summary>What is told of nodes below waits for what they have: see <see cref="Hub.TakeUntold"/>.</summary>
    protected override bool TryWriteAttached(FrameBuffer output)
    {
        if (Router.Hub?.TakeUntold(this, _upward!.SentSequence) is not { } attached)
        {
            return false;
        }

        output.Write(new Frame { Attached = attached });
        return true;
    }

    protected override void OnEnded(SessionEnd end)
    {
        Mirror.InterestChanged -= OnInterestChanged;
        Mirror.Rejected -= OnRejected;
        if (Router.Upstream == this)
        {
            Router.Upstream = null;
        }

        Mirror.CloseUpstream(this);
        LeaveOlder(end);
    }

    private Hello Hello()
    {
        var hello = new Hello
        {
            Node = Mirror.Node,
            Process = Settings.Process,
            Role = Settings.Role,
            Attachment = _attachment,
            Limits = new Limits { FrameBytesMax = (uint)Limits.FrameBytesMax },
            HeartbeatMs = (uint)Limits.HeartbeatMs,
            SilenceMs = (uint)Limits.SilenceMs,
            DynamicSpace = WireTypes.ToWire(SpaceKind.Dynamic, Mirror.DynamicJournal.Space!),
            Relay = Mirror.IsRelay,
            Moves = Settings.Moves,
        };
        hello.Versions.Add(Settings.OfferedVersions);
        hello.Types_.Add(OwnTypes());
        if (!Mirror.IsRelay)
        {
            hello.Messages.Add(Router.Handled); // What nodes behind a relay take is theirs to say: it is sent everything.
        }

        lock (Mirror.Gate)
        {
            hello.Interest.Add(Mirror.Upstream.Entries.Values.Select(entry => WireTypes.ToWire(entry.Number, entry.Type, entry.Selector)));
            AddResume(hello, SpaceKind.Stored, Mirror.StoredJournal.Space);
            AddResume(hello, SpaceKind.Dynamic, Mirror.Upstream.DynamicSpace);
        }

        return hello;
    }

    private void AddResume(Hello hello, SpaceKind kind, Space? space)
    {
        if (space is null)
        {
            return;
        }

        var seen = Math.Max(Mirror.StoredJournal.Head, Mirror.Upstream.StoredPartOf ?? 0);
        if (kind == SpaceKind.Stored)
        {
            hello.Resume.Add(new ResumePoint { Space = WireTypes.ToWire(kind, space), Revision = seen });
        }

        var complete = Mirror.Upstream.Entries.Values.Where(entry =>
            entry.Revision > 0
            && entry.Completeness == Completeness.Complete
            && Mirror.Types.Find(entry.Type) is { IsDynamic: var isDynamic }
            && isDynamic == (kind == SpaceKind.Dynamic));
        foreach (var group in complete.GroupBy(entry => entry.Revision))
        {
            var point = new ResumePoint { Space = WireTypes.ToWire(kind, space), Revision = group.Key };
            point.Items.Add(group.Select(entry => entry.Number));
            hello.Resume.Add(point);
        }
    }

    private void Accept(Welcome welcome)
    {
        if (!Settings.OfferedVersions.Contains(welcome.Version))
        {
            throw new FormatException($"The server goes on with version {welcome.Version}, which was not offered.");
        }

        if (WireTypes.FromWire(welcome.StoredSpace) is { } stored
            && Mirror.StoredJournal.Space is { } held
            && stored.Id != held.Id)
        {
            throw Mirror.RefuseStore(stored.Id, held.Id);
        }

        CheckPeerLimits(welcome.Limits);
        if (End is not null)
        {
            return;
        }

        (Peer, PeerRole, PeerProcess) = (welcome.Node, welcome.Role, welcome.Process);
        LearnTypes(welcome.Types_);
        StoredReceiver = new BundleReceiver(SpaceKind.Stored, PeerTypes, nodeBelow: null, isRelay: false, Limits);
        DynamicReceiver = new BundleReceiver(SpaceKind.Dynamic, PeerTypes, nodeBelow: null, isRelay: false, Limits);
        Mirror.WelcomeUpstream(this);
        RetireOlder();
        Open(welcome.SilenceMs);
        var resumeRevision = Mirror.Upstream.HubProcess == welcome.Process ? welcome.ResumeRevision : 0;
        Mirror.Upstream.HubProcess = welcome.Process;
        StartSending(welcome, resumeRevision);
        Router.Upstream = this;
        if (Mirror.IsRelay)
        {
            if (WireTypes.FromWire(welcome.StoredSpace) is { } followed)
            {
                Mirror.FollowStored(followed);
            }

            Router.Hub!.OpenUpstream(Wake);
        }
    }

    /// <summary>Upward, the items of the interest are the dynamic and shared types themselves, by this node's numbers.</summary>
    private void StartSending(Welcome welcome, long resumeRevision)
    {
        var interest = new SenderInterest();
        _wants = welcome.Wants.Count == 0 ? null : welcome.Wants.ToHashSet(StringComparer.Ordinal);
        foreach (var item in UnofferedItems())
        {
            item.NeedsWhole = resumeRevision == 0;
            interest.Add(item);
        }

        _upward = new BundleSender(
            Mirror,
            SpaceKind.Dynamic,
            Origin.Upstream,
            interest,
            resumeRevision == 0 ? null : Mirror.DynamicJournal.Space,
            resumeRevision,
            (_, _) => Router.Hub is { IsSettled: false } ? Completeness.NotReady : Completeness.Complete,
            Wake);
        AddSender(_upward);
    }

    private SenderItem[] UnofferedItems()
    {
        var all = Mirror.Types.All;
        var fresh = all.Skip(_typesOffered)
            .Where(type => type.IsPublished && (_wants is null || _wants.Contains(type.Name)))
            .Select(type => new SenderItem((uint)type.Number, type.Name, Selector.All))
            .ToArray();
        _typesOffered = all.Length;
        return fresh;
    }

    private void OfferNewTypes()
    {
        if (UnofferedItems() is { Length: > 0 } items)
        {
            _upward!.ChangeInterest(new SenderInterestChange(++_offers, [.. items], [], []));
        }
    }

    /// <summary>Runs on whatever thread changed the interest: leaves the work to the pump.</summary>
    private void OnInterestChanged()
    {
        Volatile.Write(ref _interestIsDirty, true);
        Wake();
    }

    private void OnRejected(Rejection rejection, Exception exception)
    {
        // A handler that refuses everything must not fill memory; the upstream learns of the first ones.
        if (_rejections.Count < RejectionsMax)
        {
            _rejections.Enqueue(rejection);
            Wake();
        }
    }

    protected override void BeforeWrite()
    {
        RetireIfDue();
        NoteSaid();
        if (!IsOpen || IsPaused || IsRetired)
        {
            return;
        }

        if (Volatile.Read(ref _interestIsDirty))
        {
            Volatile.Write(ref _interestIsDirty, false);
            SendInterestChange();
        }

        while (_rejections.TryDequeue(out var rejection))
        {
            SendControl(new Frame
            {
                Rejected = new Rejected
                {
                    Space = Mirror.Types.Find(rejection.Id.Type) is { IsDynamic: true } ? SpaceKind.Dynamic : SpaceKind.Stored,
                    Type = rejection.Id.Type,
                    Key = rejection.Id.Key,
                    Revision = rejection.Revision,
                    Reason = rejection.Reason,
                },
            });
        }
    }

    private void SendInterestChange()
    {
        var (number, added, removed) = Mirror.TakeInterest();
        if (added.Count == 0 && removed.Count == 0)
        {
            return;
        }

        var change = new InterestChange { Number = number };
        change.Add.Add(added.Select(entry => WireTypes.ToWire(entry.Number, entry.Type, entry.Selector)));
        change.Remove.Add(removed.Select(entry => entry.Number));
        SendControl(new Frame { InterestChange = change });
    }
}
