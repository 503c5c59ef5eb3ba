using System.Collections.Concurrent;
using Google.Protobuf;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Types;

namespace Notify.Core.Messages;

/// <summary>
/// Sends, forwards and delivers one-off messages of a node: at most once, and dropped and counted where no session can carry them. Thread
/// safe. Handlers run on the calling session's pump, those of a message that was held where its revision was applied: hand longer work over.
/// </summary>
/// <remarks>
/// A message that is sent to come after a revision is held by the nodes that it is for until their mirrors have applied that revision, in bounds of
/// <see cref="SessionLimits"/>. It then arrives also if the session that brought it has ended. There is no order among messages.
/// </remarks>
public sealed partial class MessageRouter
{
    private const uint HopsMax = 16;
    private const int RecentMax = 1024;

    private readonly Mirror _mirror;
    private readonly ConcurrentDictionary<string, Handler> _handlers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Answer> _replies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EncodedAnswer> _encodedReplies = new(StringComparer.Ordinal);
    private readonly HeldMessages _held;
    private readonly Queue<string> _recent = [];
    private readonly HashSet<string> _recentIds = new(StringComparer.Ordinal);
    private long _lastId;

    /// <summary>Creates the router of a node.</summary>
    /// <param name="mirror">Its mirror.</param>
    /// <param name="limits">Bounds of what is held.</param>
    public MessageRouter(Mirror mirror, SessionLimits? limits = null)
    {
        _mirror = mirror;
        _held = new HeldMessages(mirror, limits ?? new SessionLimits(), message => _ = Handle(message) || Drop(message, NotTaken), (message, reason) => Drop(message, reason));
    }

    /// <summary>Full names of the message types that this node handles.</summary>
    public IReadOnlyCollection<string> Handled => [.. _handlers.Keys];

    internal LinkSession? Upstream { get; set; }

    internal Hub? Hub { get; set; }

    /// <summary>How many messages wait for their revision.</summary>
    public int HeldCount => _held.Count;

    internal Mirror Mirror => _mirror;

    private bool IsTop => Hub is not null && !_mirror.IsRelay;

    /// <summary>
    /// Handles messages of a type that arrive at this node. What a handler throws drops the message, and is counted. Nodes above send what was handled when
    /// the session with them began, so call it before that.
    /// </summary>
    public void Handle(MessageType type, Action<ReceivedMessage> handler) => _handlers[type.Name] = new Handler(type, handler);

    /// <summary>Sends a message. False when there is no session to carry it now, or its queue is full.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="payload">The message.</param>
    /// <param name="inReplyTo">The message this one answers, or null.</param>
    /// <param name="after">
    /// The nodes that it is for hold it until they have applied this revision, for instance that of a commit (<see cref="Mirror.StoredAt"/>); or null. One
    /// of another store or incarnation than this node's is dropped.
    /// </param>
    public bool Send(MessageTarget target, IMessage payload, ReceivedMessage? inReplyTo = null, StoreRevision? after = null) =>
        RouteOwn(Create(target, payload, inReplyTo?.Id, after));

    /// <summary>
    /// Sends a message and calls back with the answer, at most once. Dispose the result to stop waiting; without that the callback is kept.
    /// Null when there is no session to carry the message.
    /// </summary>
    public IDisposable? Request(
        MessageTarget target, IMessage payload, MessageType reply, Action<ReceivedMessage> answered, StoreRevision? after = null)
    {
        var message = Create(target, payload, inReplyTo: null, after);
        var waiting = new Waiting(this, message.Id);
        _replies[message.Id] = new Answer(target.Node, reply, received =>
        {
            waiting.Dispose();
            answered(received);
        });
        if (RouteOwn(message))
        {
            return waiting;
        }

        waiting.Dispose();
        return null;
    }

    /// <summary>
    /// As <see cref="Request"/> for a sender without the code of the message: the answer may be of any type and is handed over encoded.
    /// </summary>
    internal IDisposable? RequestEncoded(MessageTarget target, string type, ByteString payload, Action<Message> answered, StoreRevision? after = null)
    {
        var message = Create(target, type, payload, inReplyTo: null, after);
        var waiting = new Waiting(this, message.Id);
        _encodedReplies[message.Id] = new EncodedAnswer(target.Node, answered);
        if (RouteOwn(message))
        {
            return waiting;
        }

        waiting.Dispose();
        return null;
    }

    /// <summary>As <see cref="Send"/> for a sender without the code of the message.</summary>
    internal bool SendEncoded(MessageTarget target, string type, ByteString payload, StoreRevision? after = null) =>
        RouteOwn(Create(target, type, payload, inReplyTo: null, after));

    /// <summary>Takes a message a step further. False when it was dropped.</summary>
    internal bool Route(Message message, LinkSession? from)
    {
        var sent = message.TargetCase switch
        {
            Message.TargetOneofCase.Node when message.Node == _mirror.Node => Deliver(message),
            Message.TargetOneofCase.Node => RouteToNode(message, from),
            Message.TargetOneofCase.Scope => RouteToScope(message, from),
            Message.TargetOneofCase.Up => IsTop ? Deliver(message) : ForwardUp(message, from),
            _ => false,
        };
        return sent || Drop(message, "no session can carry it on now, its queue is full, or nobody there takes its type");
    }

    /// <summary>Lets time pass: what has been held for too long is dropped.</summary>
    internal void Tick(long nowMs) => _held.Tick(nowMs);

    private const string NotTaken = "nobody here takes its type, or waits for this answer any more";

    private bool RouteOwn(Message message)
    {
        // What is not of this node's store now can be known to no node below either, or soon no more.
        if (message.After is { } after && _mirror.Snapshot().StoredSpace is { } space && WireTypes.FromWire(after.Space) != space)
        {
            return Drop(message, "its revision is of another store, or of one before a restore");
        }

        return Route(message, from: null);
    }

    /// <summary>Always false: what came of the message.</summary>
    private bool Drop(Message message, string reason)
    {
        _mirror.Counters.AddMessageDropped();
        Dropped?.Invoke(message.Type, reason);
        return false;
    }

    private bool RouteToNode(Message message, LinkSession? from)
    {
        // Back where it came from nobody knows better. What is known to be below is not looked for above.
        var session = Hub?.SessionOf(message.Node);
        return session is null ? ForwardUp(message, from) : session != from && Forward(message, session);
    }

    private bool RouteToScope(Message message, LinkSession? from)
    {
        var scope = new Scope(message.Scope.Type, message.Scope.Key);
        if (!IsFirst(message.Id))
        {
            return true;
        }

        var sent = _handlers.ContainsKey(message.Type)
            && _mirror.Interest.Items.Any(item => item.Selector == Sync.Selector.In(scope))
            && Deliver(message);
        foreach (var session in Hub?.SessionsInScope(scope) ?? [])
        {
            sent |= session != from && Forward(message, session);
        }

        return sent;
    }

    /// <summary>A node that moves has two sessions for a while, and what goes to a scope may come over both.</summary>
    private bool IsFirst(string id)
    {
        lock (_recentIds)
        {
            if (!_recentIds.Add(id))
            {
                return false;
            }

            _recent.Enqueue(id);
            if (_recent.Count > RecentMax)
            {
                _recentIds.Remove(_recent.Dequeue());
            }

            return true;
        }
    }

    private bool ForwardUp(Message message, LinkSession? from) =>
        Upstream is { } upstream && upstream != from && Forward(message, upstream);

    private static bool Forward(Message message, LinkSession? session)
    {
        // A node says which types it takes, and is sent no others, for itself or for a scope; answers are always taken.
        if (session is null || message.Hops == 0
            || (session is ServerSession below
                && (message.TargetCase == Message.TargetOneofCase.Scope || below.Peer == message.Node)
                && message.InReplyTo.Length == 0
                && !below.Takes(message.Type)))
        {
            return false;
        }

        // Routed messages are shared between targets, so the copy that goes on is the one that has a hop less.
        var next = message.Clone();
        next.Hops--;
        return session.TrySend(next);
    }

    /// <summary>Raised when a message could not be parsed or its handler threw; the message counts as dropped.</summary>
    public event Action<string, Exception>? Failed;

    /// <summary>Raised with type and reason when this node drops a message that it has sent, was to carry on, or got. Called from any thread.</summary>
    public event Action<string, string>? Dropped;

    private Message Create(MessageTarget target, IMessage payload, string? inReplyTo, StoreRevision? after) =>
        Create(target, payload.Descriptor.FullName, payload.ToByteString(), inReplyTo, after);

    private Message Create(MessageTarget target, string type, ByteString payload, string? inReplyTo, StoreRevision? after)
    {
        var message = new Message
        {
            // With the process, or an answer to the one before would be taken for an answer to this one.
            Id = $"{_mirror.Node}/{_mirror.DynamicJournal.Space!.Incarnation}/{Interlocked.Increment(ref _lastId)}",
            Type = type,
            Payload = payload,
            Source = _mirror.Node,
            InReplyTo = inReplyTo ?? "",
            Hops = HopsMax,
            After = after is { } point ? new SpaceRevision { Space = WireTypes.ToWire(SpaceKind.Stored, point.Space), Revision = point.Revision } : null,
        };
        if (target.Node is { } node)
        {
            message.Node = node;
        }
        else if (target.Scope is { } scope)
        {
            message.Scope = new ScopeKey { Type = scope.Type, Key = scope.Key };
        }
        else
        {
            message.Up = true;
        }

        return message;
    }

    /// <summary>What to do with an answer.</summary>
    /// <param name="Node">The node that was asked; null where it was a scope, or whoever is at the top.</param>
    /// <param name="Type">Type of the answer.</param>
    /// <param name="Call">Called once.</param>
    private sealed record Answer(string? Node, MessageType Type, Action<ReceivedMessage> Call);

    /// <summary>The same for an answer that stays encoded.</summary>
    private sealed record EncodedAnswer(string? Node, Action<Message> Answered)
    {
        public bool Call(Message message)
        {
            Answered(message);
            return true;
        }
    }

    private sealed record Handler(MessageType Type, Action<ReceivedMessage> Call);

    private sealed class Waiting(MessageRouter router, string id) : IDisposable
    {
        public void Dispose()
        {
            router._replies.TryRemove(id, out _);
            router._encodedReplies.TryRemove(id, out _);
        }
    }
}
