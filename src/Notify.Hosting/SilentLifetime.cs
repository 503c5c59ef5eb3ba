using Microsoft.Extensions.Hosting;

namespace Notify.Hosting;

/// <summary>Leaves signals to <see cref="StopSignals"/>: the usual lifetime would stop the host at once, before the nodes below could go elsewhere.</summary>
internal sealed class SilentLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
