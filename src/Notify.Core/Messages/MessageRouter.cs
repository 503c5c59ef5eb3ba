using System.Collections.Concurrent;
using Google.Protobuf;
using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Types;

namespace Notify.Core.Messages;

/// <summary>
/// Sends, forwards and delivers one-off messages of a node: at most once, and dropped and counted where no session can carry them. Thread
/// safe. Handlers run on the calling session's pump: hand longer work over.
/// </summary>
public sealed class MessageRouter
{
    private const uint HopsMax = 16;

    private readonly Mirror _mirror;
    private readonly ConcurrentDictionary<string, Handler> _handlers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Answer> _replies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EncodedAnswer> _encodedReplies = new(StringComparer.Ordinal);
    private long _lastId;

    /// <summary>Creates the router of a node.</summary>
    public MessageRouter(Mirror mirror) => _mirror = mirror;

    /// <summary>Full names of the message types that this node handles.</summary>
    public IReadOnlyCollection<string> Handled => [.. _handlers.Keys];

    internal LinkSession? Upstream { get; set; }

    internal Hub? Hub { get; set; }

    /// <summary>Handles messages of a type that arrive at this node. What a handler throws drops the message, and is counted.</summary>
    public void Handle(MessageType type, Action<ReceivedMessage> handler) => _handlers[type.Name] = new Handler(type, handler);

    /// <summary>Sends a message. False when there is no session to carry it now, or its queue is full.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="payload">The message.</param>
    /// <param name="inReplyTo">The message this one answers, or null.</param>
    public bool Send(MessageTarget target, IMessage payload, ReceivedMessage? inReplyTo = null) =>
        Route(Create(target, payload, inReplyTo?.Id), from: null);

    /// <summary>
    /// Sends a message and calls back with the answer, at most once. Dispose the result to stop waiting; without that the callback is kept.
    /// Null when there is no session to carry the message.
    /// </summary>
    public IDisposable? Request(MessageTarget target, IMessage payload, MessageType reply, Action<ReceivedMessage> answered)
    {
        var message = Create(target, payload, inReplyTo: null);
        var waiting = new Waiting(this, message.Id);
        _replies[message.Id] = new Answer(target.Node, received =>
        {
            waiting.Dispose();
            answered(received);
        });
        _handlers.TryAdd(reply.Name, new Handler(reply, static _ => { }));
        if (Route(message, from: null))
        {
            return waiting;
        }

        waiting.Dispose();
        return null;
    }

    /// <summary>
    /// As <see cref="Request"/> for a sender without the code of the message: the answer may be of any type and is handed over encoded.
    /// </summary>
    internal IDisposable? RequestEncoded(MessageTarget target, string type, ByteString payload, Action<Message> answered)
    {
        var message = Create(target, type, payload, inReplyTo: null);
        var waiting = new Waiting(this, message.Id);
        _encodedReplies[message.Id] = new EncodedAnswer(target.Node, answered);
        if (Route(message, from: null))
        {
            return waiting;
        }

        waiting.Dispose();
        return null;
    }

    /// <summary>Takes a message a step further. False when it was dropped.</summary>
    internal bool Route(Message message, LinkSession? from)
    {
        var sent = message.TargetCase switch
        {
            Message.TargetOneofCase.Node when message.Node == _mirror.Node => Deliver(message),
            Message.TargetOneofCase.Node => Forward(message, Hub?.SessionOf(message.Node)) || ForwardUp(message, from),
            Message.TargetOneofCase.Scope => RouteToScope(message, from),
            Message.TargetOneofCase.Up => Upstream is null ? Deliver(message) : ForwardUp(message, from),
            _ => false,
        };
        if (!sent)
        {
            _mirror.Counters.AddMessageDropped();
        }

        return sent;
    }

    private bool RouteToScope(Message message, LinkSession? from)
    {
        var scope = new Scope(message.Scope.Type, message.Scope.Key);
        var sent = _handlers.ContainsKey(message.Type)
            && _mirror.Interest.Items.Any(item => item.Selector == Sync.Selector.In(scope))
            && Deliver(message);
        foreach (var session in Hub?.SessionsInScope(scope) ?? [])
        {
            sent |= session != from && Forward(message, session);
        }

        return sent;
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

    private bool Deliver(Message message)
    {
        // Who was asked by name answers, and nobody else for it.
        if (_encodedReplies.TryGetValue(message.InReplyTo, out var encoded))
        {
            return IsFrom(encoded.Node, message)
                && _encodedReplies.TryRemove(message.InReplyTo, out encoded)
                && encoded.Call(message);
        }

        if (_replies.TryGetValue(message.InReplyTo, out var expected) && !IsFrom(expected.Node, message))
        {
            return false;
        }

        if (!_handlers.TryGetValue(message.Type, out var route))
        {
            return false;
        }

        try
        {
            var received = new ReceivedMessage(message.Source, message.Id, route.Type.Parse(message.Payload));
            if (message.InReplyTo.Length > 0 && _replies.TryRemove(message.InReplyTo, out var answered))
            {
                answered.Call(received);
            }
            else
            {
                route.Call(received);
            }

            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Failed?.Invoke(message.Type, e);
            return false;
        }
    }

    private static bool IsFrom(string? node, Message message) => node is null || node == message.Source;

    /// <summary>Raised when a message could not be parsed or its handler threw; the message counts as dropped.</summary>
    public event Action<string, Exception>? Failed;

    private Message Create(MessageTarget target, IMessage payload, string? inReplyTo) =>
        Create(target, payload.Descriptor.FullName, payload.ToByteString(), inReplyTo);

    private Message Create(MessageTarget target, string type, ByteString payload, string? inReplyTo)
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
    /// <param name="Call">Called once.</param>
    private sealed record Answer(string? Node, Action<ReceivedMessage> Call);

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
