using Notify.Client.Transport;
using Notify.Core.Transport;

namespace Notify.Ctl.Remote;

/// <summary>Waits in calls that have no deadline.</summary>
internal static class NodePatience
{
    /// <summary>Waits for the next message as long as <c>--timeout</c> allows for a call.</summary>
    /// <exception cref="GrpcException">The call failed, or nothing came in time.</exception>
    public static async Task<bool> WaitToReadAsync<T>(this ServerStreamingCall<T> call, NodeConnection node, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = new(node.Timeout);
        try
        {
            return await call.WaitToReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.DeadlineExceeded, "Nothing came in time.");
        }
    }
}
