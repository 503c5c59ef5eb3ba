using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Notify.Core.Caches;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Server;

/// <summary>
/// Declares the registered types to the store and keeps the mirror equal to it. The host goes on starting once it is, so that nobody is served from
/// a mirror still being filled; a store that is away meanwhile is tried again and again.
/// </summary>
internal sealed partial class StoreService(
    IEnumerable<ObjectType> types, IObjectStore store, StoreFeed feed, Mirror mirror, IOptions<NotifyServerOptions> options, TimeProvider time,
    ILogger<StoreService> logger) : BackgroundService
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
            await DeclareAsync(stoppingToken).ConfigureAwait(false);
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

    private async Task DeclareAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await store.DeclareAsync(_types.Declarations, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is StoreUnavailableException { IsRefused: false } or CommitOutcomeUnknownException)
            {
                // A declaration that is there already changes nothing, so it may be made twice.
                var delay = options.Value.Feed.RetryDelay;
                Log.Unavailable(logger, delay, e);
                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4010, LogLevel.Warning, "The store did not take the types of this program; trying again in {Delay}")]
        public static partial void Unavailable(ILogger logger, TimeSpan delay, Exception exception);
    }
}
