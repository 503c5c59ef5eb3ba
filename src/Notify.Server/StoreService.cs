using Microsoft.Extensions.Hosting;
using Notify.Core.Caches;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Server;

/// <summary>
/// Declares the registered types to the store and keeps the mirror equal to it. The host goes on starting once it is, so that nobody is served from
/// a mirror still being filled.
/// </summary>
internal sealed class StoreService(IEnumerable<ObjectType> types, IObjectStore store, StoreFeed feed, Mirror mirror) : BackgroundService
{
    private readonly StoredTypes _types = new([.. types]);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken).ConfigureAwait(false);

        // Either the feed is there, or it has failed and the host must not start.
        var first = await Task.WhenAny(feed.Loaded, ExecuteTask!).WaitAsync(cancellationToken).ConfigureAwait(false);
        await first.ConfigureAwait(false);
        _types.CheckKeys(mirror.Snapshot());
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await store.DeclareAsync(_types.Declarations, stoppingToken).ConfigureAwait(false);
            await feed.RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (TypeConflictException e)
        {
            throw await _types.ExplainAsync(store, e, stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A host that could not start disposes of its services without stopping them first, and takes this for a failure.
        }
    }
}
