using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Server.Transport;

namespace Notify.Server.Nodes;

/// <summary>Serves <c>notify.v1.Nodes</c> over a node's hub. Thread safe.</summary>
/// <param name="hub">Knows the nodes below.</param>
/// <param name="mirror">Of the same node.</param>
/// <param name="timeProvider">The clock of time-outs.</param>
public sealed class NodesService(Hub hub, Mirror mirror, TimeProvider timeProvider)
{
    private const int VanishedMax = 1000;
    private const int NodesPerResponse = 500;

    /// <summary>Nodes acknowledge one by one; nobody reads faster than this.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    internal async Task WaitAsync(WaitRequest request, IMessageWriter<WaitResponse> responses, ServerCall call)
    {
        var nodes = SelectorOf(request.Nodes);
        var timeout = RequestTimeout.Of(request.Timeout);
        if (request.Revision < 0)
        {
            throw Invalid("revision", "must be 0 or above.");
        }

        var revision = request.Revision == 0 ? mirror.Snapshot().StoredRevision : request.Revision;
        using var patience = new CancellationTokenSource(timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, patience.Token);
        try
        {
            using var wait = hub.BeginWait(revision, nodes);
            try
            {
                await WaitAsync(wait, responses, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!call.CancellationToken.IsCancellationRequested)
            {
                // The last node may have got there in the same moment.
                if (wait.Progress() is { IsApplied: false } progress)
                {
                    throw new GrpcException(GrpcStatusCode.DeadlineExceeded, TextOf(progress, revision, timeout));
                }

                await WriteAsync(wait, responses, call.CancellationToken).ConfigureAwait(false);
            }
        }
        catch (UnknownNodesException e)
        {
            throw new GrpcException(GrpcStatusCode.NotFound, e.Message, innerException: e);
        }
        catch (WaitReplacedException e)
        {
            throw new GrpcException(GrpcStatusCode.FailedPrecondition, e.Message, innerException: e);
        }
        catch (TooManyWaitsException e)
        {
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, e.Message, innerException: e);
        }
    }

    internal async Task ListAsync(ListNodesRequest request, IMessageWriter<ListNodesResponse> responses, ServerCall call)
    {
        foreach (var some in hub.Known(SelectorOf(request.Nodes)).Chunk(NodesPerResponse))
        {
            var response = new ListNodesResponse();
            response.Nodes.Add(some.Select(node => new NodeView { Name = node.Name, Role = node.Role, Hub = node.Hub, Connected = node.IsConnected }));
            responses.Write(response);
            await responses.FlushAsync(call.CancellationToken).ConfigureAwait(false);
        }
    }

    internal Task<ForgetNodeResponse> ForgetAsync(ForgetNodeRequest request, ServerCall call) => hub.Forget(request.Node) switch
    {
        ForgetOutcome.Connected => throw new GrpcException(
            GrpcStatusCode.FailedPrecondition, $"{request.Node} is connected. Only nodes that have vanished can be forgotten."),
        ForgetOutcome.Unknown => throw new GrpcException(GrpcStatusCode.NotFound, $"No node {request.Node} has vanished from below {mirror.Node}."),
        _ => Task.FromResult(new ForgetNodeResponse()),
    };

    private async Task WaitAsync(AppliedWait wait, IMessageWriter<WaitResponse> responses, CancellationToken cancellationToken)
    {
        while (!await WriteAsync(wait, responses, cancellationToken).ConfigureAwait(false))
        {
            // What may be the last is told at once, anything else when some of it has come together.
            using var interval = new CancellationTokenSource(Interval, timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, interval.Token);
            try
            {
                await wait.WaitForChangeAsync(untilDone: true, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                await wait.WaitForChangeAsync(untilDone: false, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Tells how far it is. True when that was the last.</summary>
    private static async Task<bool> WriteAsync(AppliedWait wait, IMessageWriter<WaitResponse> responses, CancellationToken cancellationToken)
    {
        var progress = wait.Progress();
        var response = new WaitResponse { Revision = wait.Revision, Pending = (uint)progress.Pending, Vanished = (uint)progress.Vanished.Count };
        response.PendingNodes.Add(progress.PendingNodes);
        response.VanishedNodes.Add(progress.Vanished.Take(VanishedMax));
        responses.Write(response);
        await responses.FlushAsync(cancellationToken).ConfigureAwait(false);
        return progress.IsApplied;
    }

    private static string TextOf(AppliedProgress progress, long revision, TimeSpan timeout)
    {
        var names = progress.PendingNodes.Select(name => progress.Vanished.Contains(name) ? $"{name} (vanished)" : name);
        var more = progress.Pending > progress.PendingNodes.Count ? $" and {progress.Pending - progress.PendingNodes.Count} more" : "";
        var nodes = progress.Pending == 1 ? "1 node has" : $"{progress.Pending} nodes have";
        return $"{nodes} not applied revision {revision} within {timeout.TotalSeconds:0.###} s: {string.Join(", ", names)}{more}.";
    }

    private static GrpcException Invalid(string field, string problem) => new(GrpcStatusCode.InvalidArgument, $"{field}: {problem}");

    private static NodeSelector SelectorOf(string text)
    {
        if (text.Length == 0)
        {
            return NodeSelector.All;
        }

        return NodeSelector.TryParse(text, out var selector, out var problem) ? selector : throw Invalid("nodes", problem);
    }
}
