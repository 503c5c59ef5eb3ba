using Notify.Core.Transport;
using Notify.Harness.Demo.Nodes;

namespace Notify.Harness.Demo.Checks;

/// <summary>Counts what changes in a node's mirror, from its beginning until it is disposed.</summary>
internal sealed class NodeWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private NodeWatch(NodeClient client, IEnumerable<string> types, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _reading = Task.Run(() => ReadAsync(client, types), cancellationToken);
    }

    /// <summary>The changes since the beginning.</summary>
    public EventCount Events { get; } = new();

    /// <summary>Begins; from now on nothing is missed.</summary>
    /// <param name="types">Short names; none: all types of the model.</param>
    public static async Task<NodeWatch> StartAsync(NodeClient client, IEnumerable<string> types, CancellationToken cancellationToken)
    {
        var watch = new NodeWatch(client, types, cancellationToken);
        await watch._began.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        return watch;
    }

    /// <summary>Ends it.</summary>
    /// <exception cref="GrpcException">It was broken before: what came after that was not counted.</exception>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync(NodeClient client, IEnumerable<string> types)
    {
        try
        {
            await foreach (var change in client.WatchAsync(types, _stop.Token))
            {
                if (change.IsInitial)
                    _began.TrySetResult();
                else
                    Count(change);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or GrpcException && _stop.IsCancellationRequested)
        {
            // That is how a watch ends.
        }
    }

    private void Count(WatchedChange change)
    {
        foreach (var one in change.Events)
            Events.Add(NodeClient.TypeOf(one), one.Put?.Key ?? (one.Removed ?? one.Left).Key, isPut: one.Put is not null);
    }
}
