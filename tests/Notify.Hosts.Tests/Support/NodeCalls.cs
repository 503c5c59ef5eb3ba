using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;

namespace Notify.Hosts.Tests.Support;

/// <summary>What tests ask of a node.</summary>
internal static class NodeCalls
{
    public static Task<CommitResponse> PutAsync(this HostProcess node, params IEnumerable<IMessage> objects)
    {
        var commit = new CommitRequest();
        commit.Changes.Add(objects.Select(obj => new WriteChange { Put = Any.Pack(obj) }));
        return node.Channel.UnaryAsync(ObjectsMethods.Commit, commit);
    }

    /// <summary>Deletes several at one revision.</summary>
    public static Task<CommitResponse> RemoveAsync(this HostProcess node, params IEnumerable<IMessage> objects)
    {
        var commit = new CommitRequest();
        commit.Changes.Add(objects.Select(obj => new WriteChange { Delete = new ObjectName { Like = Any.Pack(obj) } }));
        return node.Channel.UnaryAsync(ObjectsMethods.Commit, commit);
    }

    public static Task<DeleteResponse> DeleteAsync(this HostProcess node, IMessage like) =>
        node.Channel.UnaryAsync(ObjectsMethods.Delete, new DeleteRequest { Object = new ObjectName { Like = Any.Pack(like) } });

    /// <summary>All objects of a type in the node's mirror.</summary>
    public static async Task<IReadOnlyCollection<T>> ListAsync<T>(this HostProcess node)
        where T : IMessage<T>, new()
    {
        var list = new List<T>();
        await foreach (var view in Views(node, [new T().Descriptor.FullName]))
        {
            list.Add(view.Value.Unpack<T>());
        }

        return list;
    }

    /// <summary>Everything stored that the node's mirror has, as type and key.</summary>
    public static async Task<IReadOnlyCollection<(string Type, ByteString Key)>> StoredAsync(this HostProcess node) =>
        await Views(node, []).Where(view => view.Space == SpaceKind.Stored)
            .Select(view => (view.Value.TypeUrl.Split('/')[^1], view.Key)).ToListAsync();

    /// <summary>Everything of the edge model that the node's mirror has, as type and key, but for what nodes say of themselves.</summary>
    public static async Task<IReadOnlyCollection<(string Type, ByteString Key)>> KeysAsync(this HostProcess node) =>
        await Views(node, []).Select(view => (Type: view.Value.TypeUrl.Split('/')[^1], view.Key))
            .Where(id => id.Type.StartsWith("edge.", StringComparison.Ordinal) && id.Type != Node.Descriptor.FullName).ToListAsync();

    /// <summary>What the node says that its answers are based on.</summary>
    public static async Task<MirrorPosition> PositionAsync(this HostProcess node)
    {
        await using var call = node.Channel.ServerStreaming(ObjectsMethods.List, new ListRequest());
        return (await call.ReadAllAsync().FirstAsync()).Position;
    }

    /// <summary>The states that cloudlets report of instances, as "name state uri".</summary>
    public static async Task<IReadOnlyCollection<string>> AppInstStatesAsync(this HostProcess node) =>
        [.. (await node.ListAsync<AppInstInfo>()).Select(info => $"{info.Key.Name} {info.State} {info.Uri}")];

    public static async Task<IReadOnlyCollection<string>> CloudletStatesAsync(this HostProcess node) =>
        [.. (await node.ListAsync<CloudletInfo>()).Select(info => $"{info.Key.Name} {info.State}")];

    public static async Task<IReadOnlyCollection<string>> AlertsAsync(this HostProcess node) =>
        [.. (await node.ListAsync<Alert>()).Select(alert => $"{alert.Key.Name} {alert.Key.Subject}")];

    public static Task<NodeStatus> StatusAsync(this HostProcess node) => node.Channel.UnaryAsync(StatusMethods.Get, new GetStatusRequest());

    public static async Task<TReply> SendAsync<TReply>(this HostProcess via, string node, IMessage payload)
        where TReply : IMessage, new()
    {
        var response = await via.Channel.UnaryAsync(MessagesMethods.Send, new SendMessageRequest { Node = node, Payload = Any.Pack(payload) });
        return response.Reply.Unpack<TReply>();
    }

    public static Task<FindCloudletResponse> FindAsync(this HostProcess dme, AppKey app, double latitude, double longitude) => dme.Channel.UnaryAsync(
        DmeMethods.FindCloudlet,
        new FindCloudletRequest { App = app, Location = new Location { Latitude = latitude, Longitude = longitude } });

    /// <summary>The status that a call fails with.</summary>
    public static async Task<GrpcStatus> StatusOfAsync(Func<Task> call) => (await Assert.ThrowsAsync<GrpcException>(call)).Status;

    private static async IAsyncEnumerable<ObjectView> Views(HostProcess node, IEnumerable<string> types)
    {
        var filter = new ObjectFilter();
        filter.Types_.Add(types);
        await using var call = node.Channel.ServerStreaming(ObjectsMethods.List, new ListRequest { Filter = filter });
        await foreach (var response in call.ReadAllAsync())
        {
            foreach (var view in response.Objects)
            {
                yield return view;
            }
        }
    }
}
