using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Notify.Client.Transport;
using Notify.Core.Protocol;
using Notify.Core.Transport;

namespace Notify.Harness.Demo.Nodes;

/// <summary>What one node answers, over gRPC. Thread safe.</summary>
internal sealed class NodeClient(Uri address) : IDisposable
{
    private static readonly GrpcCallOptions Patience = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>The connection, for the services that this class has no method for.</summary>
    public GrpcChannel Channel { get; } = new(address);

    /// <summary>The state of the node.</summary>
    public Task<NodeStatus> StatusAsync(CancellationToken cancellationToken) =>
        Channel.UnaryAsync(StatusMethods.Get, new GetStatusRequest(), Patience, cancellationToken);

    /// <summary>The node's objects, from one snapshot that has everything up to a revision.</summary>
    /// <param name="types">Short names; none: all types of the model.</param>
    public async Task<Listing> ListAsync(long minRevision, CancellationToken cancellationToken, params IEnumerable<string> types)
    {
        ListRequest request = new() { MinRevision = minRevision, Filter = new ObjectFilter() };
        request.Filter.Types_.AddRange(types.Select(EdgeObjects.FullName));
        await using var call = Channel.ServerStreaming(ObjectsMethods.List, request, Patience, cancellationToken);
        MirrorPosition? position = null;
        List<ObjectView> objects = [];
        while (await call.WaitToReadAsync(cancellationToken))
        {
            while (call.TryRead(out var response))
            {
                position ??= response.Position;
                objects.AddRange(response.Objects.Where(view => EdgeObjects.IsOfModel(view.Value.TypeUrl)));
            }
        }

        return new Listing(position ?? new MirrorPosition(), objects);
    }

    /// <summary>One object, from a mirror that has everything up to a revision.</summary>
    /// <exception cref="GrpcException">There is none, or the node did not get there in time.</exception>
    public async Task<ObjectView> GetAsync(ObjectName name, long minRevision, CancellationToken cancellationToken) =>
        (await Channel.UnaryAsync(ObjectsMethods.Get, new GetRequest { Object = name, MinRevision = minRevision }, Patience, cancellationToken)).Object;

    /// <summary>Makes changes at one revision.</summary>
    public Task<CommitResponse> CommitAsync(IEnumerable<WriteChange> changes, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        CommitRequest request = new();
        request.Changes.AddRange(changes);
        return Channel.UnaryAsync(ObjectsMethods.Commit, request, patience is { } limit ? new() { Timeout = limit } : Patience, cancellationToken);
    }

    /// <summary>Waits until nodes below a node, and it, have applied a revision of the store.</summary>
    /// <exception cref="GrpcException">They have not in time; the text names those that have not.</exception>
    public async Task WaitAsync(long revision, string nodes, TimeSpan limit, CancellationToken cancellationToken)
    {
        WaitRequest request = new() { Revision = revision, Nodes = nodes, Timeout = Duration.FromTimeSpan(limit) };
        await using var call = Channel.ServerStreaming(NodesMethods.Wait, request, cancellationToken: cancellationToken);
        while (await call.WaitToReadAsync(cancellationToken))
        {
            // The last response comes when all are there.
            while (call.TryRead(out _))
            {
            }
        }
    }

    /// <summary>Sends a message to a node and gives its reply.</summary>
    public async Task<IMessage> SendAsync(string node, IMessage payload, CancellationToken cancellationToken)
    {
        SendMessageRequest request = new() { Node = node, Payload = Any.Pack(payload), Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)) };
        var response = await Channel.UnaryAsync(MessagesMethods.Send, request, Patience, cancellationToken);
        return EdgeObjects.Unpack(response.Reply);
    }

    /// <summary>The node's changes, each a view of whole epochs, what is there first; until cancelled or the node ends.</summary>
    /// <param name="types">Short names; none: all types of the model.</param>
    public async IAsyncEnumerable<WatchedChange> WatchAsync(
        IEnumerable<string> types, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        WatchRequest request = new() { Filter = new ObjectFilter() };
        request.Filter.Types_.AddRange(types.Select(EdgeObjects.FullName));
        await using var call = Channel.ServerStreaming(ObjectsMethods.Watch, request, cancellationToken: cancellationToken);
        List<WatchEvent> events = [];
        while (await call.WaitToReadAsync(cancellationToken))
        {
            while (call.TryRead(out var response))
            {
                events.AddRange(response.Events.Where(change => EdgeObjects.IsOfModel(TypeOf(change))));
                if (response.More)
                    continue;
                yield return new WatchedChange(response.Initial, events, response.Position);
                events = [];
            }
        }
    }

    public void Dispose() => Channel.Dispose();

    /// <summary>Full name or URL of the type that a change is of.</summary>
    public static string TypeOf(WatchEvent change) => change.Put?.Value.TypeUrl ?? (change.Removed ?? change.Left).Type;

    /// <summary>A change that puts an object.</summary>
    public static WriteChange Put(IMessage message) => new() { Put = Any.Pack(message) };

    /// <summary>A change that deletes the object with the key of an example.</summary>
    public static WriteChange Delete(IMessage like) => new() { Delete = new ObjectName { Like = Any.Pack(like) } };
}
