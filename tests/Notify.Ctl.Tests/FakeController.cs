using Microsoft.AspNetCore.Builder;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Server.Transport;

namespace Notify.Ctl.Tests;

/// <summary>A controller that says of nodes what a test wants, and does not wait: what is pending is so until the deadline.</summary>
internal sealed class FakeController : IAsyncDisposable
{
    private WebApplication? _app;

    /// <summary>Connected nodes, and whether they have applied everything.</summary>
    public Dictionary<string, bool> Connected { get; init; } = [];

    public HashSet<string> Vanished { get; init; } = [];

    public List<string> Forgotten { get; } = [];

    public List<WaitRequest> Waits { get; } = [];

    public string Address => new Uri(_app!.Urls.Single()).Authority;

    public static async Task<FakeController> StartAsync(FakeController fake)
    {
        fake._app = await CtlNode.StartServerAsync(endpoints =>
        {
            endpoints.MapGrpcServerStreaming(NodesMethods.Wait, (request, responses, call) => fake.WaitAsync(request, responses));
            endpoints.MapGrpcServerStreaming(NodesMethods.List, (request, responses, call) =>
            {
                responses.Write(fake.List(NodeSelector.Parse(request.Nodes)));
                return Task.CompletedTask;
            });
            endpoints.MapGrpcUnary(NodesMethods.Forget, (request, _) => Task.FromResult(fake.Forget(request.Node)));
            endpoints.MapGrpcUnary(StatusMethods.Get, (_, _) => Task.FromResult(new NodeStatus
            {
                Spaces = { new SpaceStatus { Space = new Space { Kind = SpaceKind.Stored }, Revision = 42 } },
            }));
        });
        return fake;
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task WaitAsync(WaitRequest request, IMessageWriter<WaitResponse> responses)
    {
        Waits.Add(request);
        var nodes = NodeSelector.Parse(request.Nodes);
        if (nodes.Names.FirstOrDefault(name => !Connected.ContainsKey(name) && !Vanished.Contains(name)) is { } unknown)
            throw new GrpcException(GrpcStatusCode.NotFound, $"fake knows no node {unknown}.");
        var vanished = Vanished.Where(name => nodes.Includes(name, "")).Order().ToArray();
        var pending = vanished.Concat(Connected.Where(node => !node.Value && nodes.Includes(node.Key, "")).Select(node => node.Key).Order()).ToArray();
        WaitResponse response = new() { Revision = request.Revision == 0 ? 42 : request.Revision, Pending = (uint)pending.Length, Vanished = (uint)vanished.Length };
        response.PendingNodes.Add(pending.Take(20));
        response.VanishedNodes.Add(vanished);
        responses.Write(response);
        await responses.FlushAsync(CancellationToken.None);
        if (pending.Length > 0)
            throw new GrpcException(GrpcStatusCode.DeadlineExceeded, "not in time");
    }

    private ListNodesResponse List(NodeSelector nodes)
    {
        ListNodesResponse response = new();
        response.Nodes.Add(Connected.Keys.Concat(Vanished).Where(name => nodes.Includes(name, "")).Order()
            .Select(name => new NodeView { Name = name, Connected = Connected.ContainsKey(name) }));
        return response;
    }

    private ForgetNodeResponse Forget(string node)
    {
        if (Connected.ContainsKey(node))
            throw new GrpcException(GrpcStatusCode.FailedPrecondition, $"{node} is connected.");
        if (!Vanished.Remove(node))
            throw new GrpcException(GrpcStatusCode.NotFound, $"No node {node} has vanished.");
        Forgotten.Add(node);
        return new ForgetNodeResponse();
    }
}
