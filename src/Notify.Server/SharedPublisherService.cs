using Microsoft.Extensions.Hosting;
using Notify.Core.Storage;

namespace Notify.Server;

/// <summary>Publishes shared objects while the host runs. Starts after the mirror shows the store.</summary>
internal sealed class SharedPublisherService(SharedPublisher publisher) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await publisher.RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // As for the feed: a host that could not start takes this for a failure.
        }
    }
}
