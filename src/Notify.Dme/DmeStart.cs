using Microsoft.Extensions.Hosting;
using Notify.Core.Caches;
using Notify.Core.Sync;

namespace Notify.Dme;

/// <summary>Says what the node is interested in, before it connects.</summary>
internal sealed class DmeStart(Mirror mirror) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        mirror.SetInterest(Interest.None.WithAll(DmeProgram.Wants));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
