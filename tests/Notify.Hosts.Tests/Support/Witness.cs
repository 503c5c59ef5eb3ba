using System.Collections.Concurrent;
using Notify.Client.Transport;
using Notify.Core.Protocol;
using Notify.Core.Transport;

namespace Notify.Hosts.Tests.Support;

/// <summary>Notes every object that goes from a node's mirror, from its beginning on.</summary>
internal sealed class Witness : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _gone = new();
    private readonly ServerStreamingCall<WatchResponse> _watch;
    private readonly Task _reading;

    private Witness(ServerStreamingCall<WatchResponse> watch) => (_watch, _reading) = (watch, ReadAsync(watch));

    /// <summary>Type and key of what has gone.</summary>
    public IReadOnlyCollection<string> Gone => _gone;

    /// <param name="node">The node to look at, now.</param>
    /// <param name="types">Full names of the types to look at.</param>
    public static async Task<Witness> StartAsync(HostProcess node, params IEnumerable<string> types)
    {
        var filter = new ObjectFilter();
        filter.Types_.Add(types);
        var watch = node.Channel.ServerStreaming(ObjectsMethods.Watch, new WatchRequest { Filter = filter });
        Assert.True(await watch.WaitToReadAsync());
        return new Witness(watch);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync(ServerStreamingCall<WatchResponse> watch)
    {
        try
        {
            await foreach (var response in watch.ReadAllAsync())
            {
                foreach (var removed in response.Events.Where(change => change.Removed is not null).Select(change => change.Removed))
                {
                    _gone.Enqueue($"{removed.Type} {removed.Key.ToStringUtf8()}");
                }
            }
        }
        catch (Exception e) when (e is GrpcException or OperationCanceledException)
        {
            // Disposed, or the node has ended: what was seen was seen.
        }
    }
}
