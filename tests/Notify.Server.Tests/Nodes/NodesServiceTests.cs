using Google.Protobuf.WellKnownTypes;
using Notify.Client.Transport;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Server.Tests.Objects;
using Notify.Testing;

namespace Notify.Server.Tests.Nodes;

public sealed class NodesServiceTests
{
    [Fact]
    public async Task Wait_ForWhatEveryNodeHas_EndsWithNonePending()
    {
        await using var node = await ObjectsNode.StartAsync();
        await using var leaf = await ConnectAsync(node, "leaf");
        var put = await node.PutAsync(ObjectsNode.Flavor("small"));
        var responses = await WaitAsync(node, new WaitRequest { Revision = put.Revision });

        Assert.Equal((put.Revision, 0u), (responses[^1].Revision, responses[^1].Pending));
        Assert.Equal(put.Revision, leaf.Mirror.Snapshot().StoredRevision);
    }

    [Fact]
    public async Task Wait_WithoutARevision_IsForTheNewest()
    {
        await using var node = await ObjectsNode.StartAsync();
        var put = await node.PutAsync(ObjectsNode.Flavor("small"));

        Assert.Equal(put.Revision, (await WaitAsync(node, new WaitRequest()))[^1].Revision);
    }

    [Fact]
    public async Task Wait_NamesWhoIsPending_AndEndsWhenItIsNot()
    {
        await using var node = await ObjectsNode.StartAsync();
        await using var leaf = await ConnectAsync(node, "leaf");
        using var handled = new ManualResetEventSlim();
        using var slow = leaf.Mirror.Subscribe(_ => handled.Wait(), leaf.Mirror.Snapshot());
        var put = await node.PutAsync(ObjectsNode.Inst("one", "zurich"));
        await using var call = node.Client.ServerStreaming(
            NodesMethods.Wait, new WaitRequest { Revision = put.Revision, Timeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)) }, cancellationToken: node.Deadline);
        Assert.Equal(["leaf"], (await NextAsync(call, node, response => response.Pending == 1)).PendingNodes);

        handled.Set();
        await NextAsync(call, node, response => response.Pending == 0);
        Assert.False(await call.WaitToReadAsync(node.Deadline));
    }

    [Fact]
    public async Task Wait_ThatIsNotDoneInTime_SaysWhoIsPending()
    {
        await using var node = await ObjectsNode.StartAsync();
        await using (await ConnectAsync(node, "leaf"))
        {
            await FailsAsync(
                GrpcStatusCode.DeadlineExceeded, "2 nodes have not applied revision 99 within 0.05 s: test, leaf.", node,
                new WaitRequest { Revision = 99, Timeout = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(50)) });
        }
    }

    [Fact]
    public async Task Wait_OfWhatIsWrong_NamesTheField()
    {
        await using var node = await ObjectsNode.StartAsync();
        await FailsAsync(GrpcStatusCode.InvalidArgument, "nodes: '!'", node, new WaitRequest { Nodes = "!leaf" });
        await FailsAsync(GrpcStatusCode.InvalidArgument, "revision: must be 0 or above", node, new WaitRequest { Revision = -1 });
        await FailsAsync(GrpcStatusCode.InvalidArgument, "timeout: must be", node, new WaitRequest { Timeout = new Duration { Seconds = 3601 } });
        await FailsAsync(GrpcStatusCode.NotFound, "test knows no node leaf.", node, new WaitRequest { Nodes = "leaf" });
        await FailsAsync(GrpcStatusCode.NotFound, "test knows no node that 'role=dme' selects.", node, new WaitRequest { Nodes = "role=dme" });
    }

    [Fact]
    public async Task List_And_Forget_KnowWhoHasVanished()
    {
        await using var node = await ObjectsNode.StartAsync();
        await using (await ConnectAsync(node, "leaf"))
        {
            Assert.Equal(["leaf", "test"], (await ListAsync(node)).Select(one => one.Name));
            var view = (await ListAsync(node))[0];
            Assert.Equal(("leaf", "test", "test", true), (view.Name, view.Role, view.Hub, view.Connected));
            var connected = await Assert.ThrowsAsync<GrpcException>(() => ForgetAsync(node, "leaf"));
            Assert.Equal(GrpcStatusCode.FailedPrecondition, connected.Code);
        }

        // It ended without a goodbye, as a crash would end it.
        while ((await ListAsync(node))[0].Connected)
        {
            node.Deadline.ThrowIfCancellationRequested();
        }

        await using (var call = node.Client.ServerStreaming(NodesMethods.Wait, new WaitRequest(), cancellationToken: node.Deadline))
        {
            Assert.Equal(["leaf"], (await NextAsync(call, node, response => response.Vanished == 1)).VanishedNodes);
            await ForgetAsync(node, "leaf");
            await NextAsync(call, node, response => response.Pending == 0);
        }

        Assert.Equal(["test"], (await ListAsync(node)).Select(one => one.Name));
        Assert.Equal(GrpcStatusCode.NotFound, (await Assert.ThrowsAsync<GrpcException>(() => ForgetAsync(node, "leaf"))).Code);
    }

    [Fact]
    public async Task Waits_ThatTheirCallersGiveUp_LeaveRoomForOthers()
    {
        await using var node = await ObjectsNode.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await using var call = node.Client.ServerStreaming(NodesMethods.Wait, new WaitRequest { Revision = 99 }, cancellationToken: node.Deadline);
            Assert.True(await call.WaitToReadAsync(node.Deadline));
        }

        await Until.CountAsync("no caller waits", () => node.Mirror.WaitCount, now => now == 0);
    }

    private static async Task<LeafNode> ConnectAsync(ObjectsNode node, string name)
    {
        var leaf = await LeafNode.StartAsync(node, name, "zurich");
        await leaf.Mirror.WaitForSyncAsync(node.Deadline);
        return leaf;
    }

    private static async Task<WaitResponse> NextAsync(
        ServerStreamingCall<WaitResponse> call, ObjectsNode node, Func<WaitResponse, bool> isExpected)
    {
        while (await call.WaitToReadAsync(node.Deadline))
        {
            while (call.TryRead(out var response))
            {
                if (isExpected(response))
                {
                    return response;
                }
            }
        }

        throw new InvalidOperationException("The call ended without the expected response.");
    }

    private static async Task<List<WaitResponse>> WaitAsync(ObjectsNode node, WaitRequest request)
    {
        await using var call = node.Client.ServerStreaming(NodesMethods.Wait, request, cancellationToken: node.Deadline);
        return await ReadAsync(call, node);
    }

    private static async Task<List<NodeView>> ListAsync(ObjectsNode node)
    {
        await using var call = node.Client.ServerStreaming(NodesMethods.List, new ListNodesRequest(), cancellationToken: node.Deadline);
        return [.. (await ReadAsync(call, node)).SelectMany(response => response.Nodes)];
    }

    private static Task<ForgetNodeResponse> ForgetAsync(ObjectsNode node, string name) =>
        node.Client.UnaryAsync(NodesMethods.Forget, new ForgetNodeRequest { Node = name }, cancellationToken: node.Deadline);

    private static async Task<List<T>> ReadAsync<T>(ServerStreamingCall<T> call, ObjectsNode node)
    {
        var all = new List<T>();
        while (await call.WaitToReadAsync(node.Deadline))
        {
            while (call.TryRead(out var response))
            {
                all.Add(response);
            }
        }

        return all;
    }

    private static async Task FailsAsync(GrpcStatusCode code, string text, ObjectsNode node, WaitRequest request)
    {
        var failure = await Assert.ThrowsAsync<GrpcException>(() => WaitAsync(node, request));
        Assert.Equal(code, failure.Code);
        Assert.Contains(text, failure.Status.Detail, StringComparison.Ordinal);
    }
}
