using System.Collections.Concurrent;
using Notify.Core.Protocol;
using Notify.Core.Sync;
using Notify.Core.Transport;
using Completeness = Notify.Core.Sync.Completeness;

namespace Notify.Core.Sessions;

/// <summary>Frames of an open session: bundles in, receipts, heartbeats and messages both ways.</summary>
internal abstract partial class LinkSession
{
    private readonly ConcurrentQueue<Message> _messages = new();
    private readonly Dictionary<SpaceKind, Pending> _receipts = [];
    private readonly Dictionary<SpaceKind, Journal.Space> _receivedSpaces = [];
    private readonly ConcurrentDictionary<SpaceKind, Receipt> _byPeer = [];
    private int _messageCount;
    private int _messageBytes;

    /// <summary>What the peer has applied of a space that this side sends. Safe from any thread.</summary>
    public long AppliedByPeer(SpaceKind space) => ByPeer(space)?.Applied ?? 0;

    /// <summary>The least that the peer and the nodes below it have applied, where that was said of what was sent; 0 while nothing was. Safe from any thread.</summary>
    public long BelowByPeer(SpaceKind space) => ByPeer(space)?.Below ?? 0;

    /// <summary>What this side has sent of a space, up to where of that there was something to apply, and the newest there is. Safe from any thread.</summary>
    public (long Sent, long Bundled, long Head) Progress(SpaceKind space) =>
        Array.Find(_senders, sender => sender.Kind == space) is not { } sender ? (0, 0, 0)
        : sender.Space == SentSpace(space) ? (sender.Sent, sender.Bundled, sender.Head)
        : (0, 0, sender.Head); // What was sent is of an earlier incarnation.

    /// <summary>The peer's last receipt, if it is of the space as it is here now.</summary>
    private Receipt? ByPeer(SpaceKind space) =>
        _byPeer.TryGetValue(space, out var receipt) && (receipt.Incarnation.Length == 0 || receipt.Incarnation == SentSpace(space)?.Incarnation) ? receipt : null;

    private Journal.Space? SentSpace(SpaceKind space) => (space == SpaceKind.Stored ? Mirror.StoredJournal : Mirror.DynamicJournal).Space;

    /// <summary>Queues a message. False, and nothing happens, when the session has ended or its queue is full. Safe from any thread.</summary>
    public bool TrySend(Message message)
    {
        if (End is not null || !IsOpen)
        {
            return false;
        }

        var bytes = message.CalculateSize();
        if (Interlocked.Increment(ref _messageCount) > Limits.MessagesMax | Interlocked.Add(ref _messageBytes, bytes) > Limits.MessageBytesMax)
        {
            NoteTaken(bytes);
            return false;
        }

        _messages.Enqueue(message);
        Wake();
        return true;
    }

    private void NoteTaken(int bytes)
    {
        Interlocked.Decrement(ref _messageCount);
        Interlocked.Add(ref _messageBytes, -bytes);
    }

    /// <summary>What waits when the session ends is dropped like what finds no session.</summary>
    private void DropMessages()
    {
        while (_messages.TryDequeue(out _))
        {
            Mirror.Counters.AddMessageDropped();
        }
    }

    protected virtual void HandleOther(Frame frame)
    {
        // A frame kind that this version does not know, or does not expect from this side, is ignored.
    }

    private void Handle(Frame frame)
    {
        switch (frame.KindCase)
        {
            case Frame.KindOneofCase.Declare:
                LearnTypes(frame.Declare.Types_);
                break;
            case Frame.KindOneofCase.BundleBegin:
                Receiver(frame.BundleBegin.Space?.Kind ?? SpaceKind.Unspecified).Begin(frame.BundleBegin, NowMs);
                NoteSpace(WireTypes.FromWire(frame.BundleBegin.Space!)!, frame.BundleBegin.Space!.Kind);
                break;
            case Frame.KindOneofCase.BundleChanges:
                NoteReceived(frame.BundleChanges);
                if (Receiver(frame.BundleChanges.Space).Add(frame.BundleChanges) is { } part)
                {
                    Commit(part);
                }

                break;
            case Frame.KindOneofCase.BundleEnd:
                var bundle = Receiver(frame.BundleEnd.Space).End(frame.BundleEnd);
                Applied(frame.BundleEnd.Space, bundle.Revision, Commit(bundle));
                break;
            case Frame.KindOneofCase.BundleAbort:
                Receiver(frame.BundleAbort.Space).Abort();
                break;
            case Frame.KindOneofCase.Receipt:
                // Within an incarnation of a space the peer's receipts rise.
                if (frame.Receipt.Space is SpaceKind.Stored or SpaceKind.Dynamic)
                {
                    _byPeer[frame.Receipt.Space] = frame.Receipt;
                    OnPeerProgress();
                }

                break;
            case Frame.KindOneofCase.Barrier:
                HandleBarrier(frame.Barrier);
                break;
            case Frame.KindOneofCase.Message:
                Router.Route(frame.Message, this);
                break;
            case Frame.KindOneofCase.Goodbye:
                EndWith(GrpcStatusCode.Ok, frame.Goodbye.Reason);
                break;
            case Frame.KindOneofCase.Hello or Frame.KindOneofCase.Welcome:
                throw new FormatException("The handshake is over.");
            default:
                HandleOther(frame);
                break;
        }
    }

    /// <summary>What is said to the one session that counts is not taken here; messages are one-off, and come as they come.</summary>
    private void HandleRetired(Frame frame)
    {
        switch (frame.KindCase)
        {
            case Frame.KindOneofCase.Message:
                Router.Route(frame.Message, this);
                break;
            case Frame.KindOneofCase.Fenced when frame.Fenced.Node == Mirror.Node:
                EndWith(GrpcStatusCode.Aborted, "Another session of this node has taken over.");
                break;
            case Frame.KindOneofCase.Goodbye:
                EndWith(GrpcStatusCode.Ok, frame.Goodbye.Reason);
                break;
            default:
                break;
        }
    }

    private BundleReceiver Receiver(SpaceKind space) => (space switch
    {
        SpaceKind.Stored => StoredReceiver,
        SpaceKind.Dynamic => DynamicReceiver,
        _ => null,
    }) ?? throw new FormatException(space == SpaceKind.Stored
        ? "Stored objects do not come from below: write them at a controller."
        : $"There is no space {(int)space}.");

    /// <summary>Revisions of another incarnation say nothing of the ones before, so neither do receipts.</summary>
    private void NoteSpace(Journal.Space space, SpaceKind kind)
    {
        if (!_receivedSpaces.TryGetValue(kind, out var before) || before != space)
        {
            _receivedSpaces[kind] = space;
            _receipts.Remove(kind);
        }
    }

    /// <summary>Everything that was asked for of a space is here as of the revision that it is at.</summary>
    protected virtual bool HasAll(SpaceKind space) => true;

    /// <summary>
    /// Remembers what to acknowledge once the handlers of this node have returned for it. While something is yet to come of what was asked for, no
    /// revision is applied.
    /// </summary>
    protected void Applied(SpaceKind space, long revision, long number)
    {
        if (!HasAll(space))
        {
            return;
        }

        if (!_receipts.TryGetValue(space, out var pending))
        {
            _receipts.Add(space, pending = new Pending());
        }

        pending.Add(revision, space == SpaceKind.Stored ? revision : Mirror.DynamicJournal.Head, number);
    }

    private bool TryWriteProgress(FrameBuffer output)
    {
        foreach (var (space, pending) in _receipts)
        {
            if (!pending.IsEmpty && !pending.Take(Mirror.HandledNumber))
            {
                // Registered, then looked at again: handlers that return in between are not missed.
                Mirror.WakeWhenHandled(Wake);
                pending.Take(Mirror.HandledNumber);
            }

            if (pending.HasNews(space, AppliedBelow))
            {
                output.Write(new Frame { Receipt = new Receipt { Space = space, Applied = pending.Applied, Below = pending.Below, Incarnation = _receivedSpaces.GetValueOrDefault(space)?.Incarnation ?? "" } });
                return true;
            }
        }

        return TryWriteBarrierReply(output);
    }

    private bool TryWriteMessage(FrameBuffer output)
    {
        if (!_messages.TryDequeue(out var message))
        {
            return false;
        }

        NoteTaken(message.CalculateSize());
        output.Write(new Frame { Message = message });
        return true;
    }

    /// <summary>The peer has applied something, or has nothing to apply up to where it was not known before.</summary>
    protected virtual void OnPeerProgress()
    {
    }

    /// <summary>The least that the nodes below this one have applied of a space that it sends.</summary>
    protected virtual long AppliedBelow(SpaceKind space) => long.MaxValue;

    protected static List<(uint Number, Completeness Completeness)> States(IEnumerable<ItemState> items) =>
        [.. items.Select(item => (item.Number, (Completeness)item.Completeness))];

    /// <summary>Revisions committed and not yet acknowledged; the handlers lag by at most a few views, and more are merged.</summary>
    private sealed class Pending
    {
        private const int CountMax = 16;

        private readonly List<(long Revision, long Own, long Number)> _waiting = [];
        private readonly List<(long Revision, long Own)> _underway = [];
        private (long Applied, long Below) _told;
        private long _newest;

        public bool IsEmpty => _waiting.Count == 0;

        /// <summary>Committed, and the handlers have returned.</summary>
        public long Applied { get; private set; }

        /// <summary>The same of every node below.</summary>
        public long Below { get; private set; }

        /// <param name="revision">What was committed.</param>
        /// <param name="own">The revision that the nodes below have to apply for it.</param>
        /// <param name="number">The view that has it.</param>
        public void Add(long revision, long own, long number)
        {
            if (revision <= _newest)
            {
                return; // Said before, or about to be.
            }

            _newest = revision;
            if (_waiting.Count == CountMax)
            {
                // The newest replaces the one before it: that is acknowledged a little later than it could be, never sooner.
                _waiting.RemoveAt(CountMax - 1);
            }

            _waiting.Add((revision, own, number));
        }

        /// <summary>Takes what the handlers have returned for. False when that is nothing.</summary>
        public bool Take(long handledNumber)
        {
            var handled = _waiting.FindLastIndex(pending => pending.Number <= handledNumber);
            if (handled < 0)
            {
                return false;
            }

            Applied = _waiting[handled].Revision;
            if (_underway.Count == CountMax)
            {
                _underway.RemoveAt(CountMax - 1);
            }

            _underway.Add((Applied, _waiting[handled].Own));
            _waiting.RemoveRange(0, handled + 1);
            return true;
        }

        /// <summary>There is more to acknowledge than was. Looks at the nodes below only while they may lack something.</summary>
        public bool HasNews(SpaceKind space, Func<SpaceKind, long> appliedBelow)
        {
            if (_underway.Count > 0)
            {
                var reached = appliedBelow(space);
                if (_underway.FindLastIndex(one => one.Own <= reached) is >= 0 and var last)
                {
                    Below = _underway[last].Revision;
                    _underway.RemoveRange(0, last + 1);
                }
            }

            var isNews = _told != (Applied, Below);
            _told = (Applied, Below);
            return isNews;
        }
    }
}
