using Notify.Core.Journal;
using Notify.Core.Protocol;
using Notify.Core.Sessions;

namespace Notify.Core.Messages;

/// <summary>What has arrived: held until its revision is applied, then handed to who waits for it or handles its type.</summary>
public sealed partial class MessageRouter
{
    private bool Deliver(Message message)
    {
        if (message.After is null)
        {
            return Handle(message);
        }

        if (message.After.Space?.Kind != SpaceKind.Stored || WireTypes.FromWire(message.After.Space) is not { } space)
        {
            return false; // Revisions of other spaces mean nothing beyond one link.
        }

        var after = new StoreRevision(space, message.After.Revision);
        if (_held.IsApplied(after, IsTop))
        {
            return Handle(message);
        }

        return (_handlers.ContainsKey(message.Type) || IsAwaited(message)) && _held.TryHold(message, after);
    }

    private bool IsAwaited(Message message) => _replies.ContainsKey(message.InReplyTo) || _encodedReplies.ContainsKey(message.InReplyTo);

    private bool Handle(Message message)
    {
        // Who was asked by name answers, and nobody else for it.
        if (_encodedReplies.TryGetValue(message.InReplyTo, out var encoded))
        {
            return IsFrom(encoded.Node, message)
                && _encodedReplies.TryRemove(message.InReplyTo, out encoded)
                && encoded.Call(message);
        }

        var isAnswer = _replies.TryGetValue(message.InReplyTo, out var expected) && expected.Type.Name == message.Type;
        if ((expected is not null && !IsFrom(expected.Node, message)) || (isAnswer && !_replies.TryRemove(message.InReplyTo, out expected)))
        {
            return false;
        }

        if (!_handlers.TryGetValue(message.Type, out var route) && !isAnswer)
        {
            return false;
        }

        try
        {
            var payload = (isAnswer ? expected!.Type : route!.Type).Parse(message.Payload); // One of them is there, by the check above.
            var received = new ReceivedMessage(message.Source, message.Id, payload);
            (isAnswer ? expected!.Call : route!.Call)(received);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Failed?.Invoke(message.Type, e);
            return false;
        }
    }

    private static bool IsFrom(string? node, Message message) => node is null || node == message.Source;
}
