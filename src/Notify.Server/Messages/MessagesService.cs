using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Journal;
using Notify.Core.Messages;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Server.Transport;
using Scope = Notify.Core.Types.Scope;

namespace Notify.Server.Messages;

/// <summary>Serves <c>notify.v1.Messages</c> over a node's router. Thread safe.</summary>
public sealed class MessagesService
{
    private const string UrlPrefix = "type.googleapis.com/";

    private readonly string _node;
    private readonly MessageRouter _router;
    private readonly Dictionary<string, MessageType> _types;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates the service.</summary>
    /// <param name="node">Name of this node.</param>
    /// <param name="router">Sends the messages.</param>
    /// <param name="types">The message types that may be sent.</param>
    /// <param name="timeProvider">The clock of time-outs.</param>
    public MessagesService(string node, MessageRouter router, IEnumerable<MessageType> types, TimeProvider timeProvider)
    {
        (_node, _router, _timeProvider) = (node, router, timeProvider);
        _types = types.ToDictionary(type => type.Name, StringComparer.Ordinal);
    }

    internal async Task<SendMessageResponse> SendAsync(SendMessageRequest request, ServerCall call)
    {
        if (request.Node.Length == 0 == request.Scope is null)
        {
            throw Invalid("node", request.Scope is null ? "is empty; name the node to send to, or a scope." : "and scope are given; one of them has to be.");
        }

        var type = TypeOf(request.Payload);
        var timeout = RequestTimeout.Of(request.Timeout);
        var after = AfterOf(request.AfterRevision);
        if (request.Scope is { } scope)
        {
            SendToScope(scope, type, request.Payload.Value, after);
            return new SendMessageResponse();
        }

        if (timeout == TimeSpan.Zero)
        {
            return _router.SendEncoded(MessageTarget.ToNode(request.Node), type, request.Payload.Value, after)
                ? new SendMessageResponse()
                : throw WhyNotSent(request.Node, type);
        }

        var answer = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var waiting = _router.RequestEncoded(
            MessageTarget.ToNode(request.Node), type, request.Payload.Value, message => answer.TrySetResult(message), after);
        if (waiting is null)
        {
            throw WhyNotSent(request.Node, type);
        }

        try
        {
            var reply = await answer.Task.WaitAsync(timeout, _timeProvider, call.CancellationToken).ConfigureAwait(false);
            return new SendMessageResponse { Reply = new Any { TypeUrl = UrlPrefix + reply.Type, Value = reply.Payload } };
        }
        catch (TimeoutException e)
        {
            throw new GrpcException(
                GrpcStatusCode.DeadlineExceeded, $"{request.Node} did not answer within {timeout.TotalSeconds:0.###} s. It may have got the message.", innerException: e);
        }
    }

    private void SendToScope(ScopeKey scope, string type, ByteString payload, StoreRevision? after)
    {
        if (scope.Type.Length == 0)
        {
            throw Invalid("scope.type", "is empty; give the full name of the scope's key message.");
        }

        if (!_router.SendEncoded(MessageTarget.ToScope(new Scope(scope.Type, scope.Key)), type, payload, after))
        {
            throw new GrpcException(
                GrpcStatusCode.NotFound, $"No node that is interested in the scope and takes messages of type {type} is connected below {_node}, or its queue is full.");
        }
    }

    private StoreRevision? AfterOf(long revision)
    {
        if (revision < 0)
        {
            throw Invalid("after_revision", "must be 0 or above.");
        }

        if (revision == 0)
        {
            return null;
        }

        return _router.Mirror.Snapshot().StoredSpace is { } space
            ? new StoreRevision(space, revision)
            : throw new GrpcException(GrpcStatusCode.FailedPrecondition, $"after_revision: {_node} has yet to hear from a store.");
    }

    private static GrpcException Invalid(string field, string problem) => new(GrpcStatusCode.InvalidArgument, $"{field}: {problem}");

    private string TypeOf(Any? payload)
    {
        if (payload is null)
        {
            throw Invalid("payload", "is missing.");
        }

        var name = payload.TypeUrl[(payload.TypeUrl.LastIndexOf('/') + 1)..];
        if (!_types.TryGetValue(name, out var type))
        {
            var known = string.Join(", ", _types.Keys.Order(StringComparer.Ordinal));
            throw Invalid("payload.type_url", $"'{name}' is not a message type that this node knows. Known types: {known}.");
        }

        try
        {
            type.Parse(payload.Value);
            return name;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Invalid("payload", $"the bytes are no {name}: {e.Message}");
        }
    }

    private GrpcException WhyNotSent(string node, string type)
    {
        var session = _router.Hub?.SessionOf(node);
        if (session is null && node != _node)
        {
            return new(GrpcStatusCode.NotFound, $"No node {node} is connected to {_node}.");
        }

        var takes = session is Core.Sessions.ServerSession below && below.Takes(type);
        return takes
            ? new(GrpcStatusCode.ResourceExhausted, $"The queue of messages to {node} is full. Try again later.")
            : new(GrpcStatusCode.FailedPrecondition, $"{node} does not take messages of type {type}.");
    }
}
