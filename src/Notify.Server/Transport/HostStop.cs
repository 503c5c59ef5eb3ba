using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Notify.Server.Transport;

/// <summary>When the host stops, as tokens. One that never stops, as in a server without a host, has tokens that never fire.</summary>
internal static class HostStop
{
    /// <summary>Fires when the host begins to stop.</summary>
    public static CancellationToken Of(IServiceProvider services) =>
        services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;

    /// <summary>Fires some time after the host has begun to stop.</summary>
    public static CancellationToken Of(IServiceProvider services, TimeSpan after)
    {
        // Not disposed: it lives as long as the host, and its timer runs at the very end only.
        var later = new CancellationTokenSource(Timeout.InfiniteTimeSpan, TimeOf(services));
        Of(services).UnsafeRegister(_ => later.CancelAfter(after), null);
        return later.Token;
    }

    /// <summary>The host's clock.</summary>
    public static TimeProvider TimeOf(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;
}
