using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Notify.Server.Transport;

/// <summary>Kestrel's limits for gRPC.</summary>
public static class KestrelGrpc
{
    /// <summary>
    /// Sets the limits that streams of any length and pace need: no least data rate in either direction (Kestrel would cut the connection of
    /// a client that stops reading for five seconds, with all its streams), and HTTP/2 pings, so that a silent connection is found dead.
    /// </summary>
    /// <param name="options">Kestrel's options.</param>
    /// <param name="keepAliveInterval">Silence after which a ping is sent; at least one second. Null: no pings.</param>
    /// <param name="keepAliveTimeout">Time for the answer to a ping; at least one second.</param>
    public static void ConfigureForGrpc(this KestrelServerOptions options, TimeSpan? keepAliveInterval, TimeSpan keepAliveTimeout)
    {
        var limits = options.Limits;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.Http2.KeepAlivePingDelay = keepAliveInterval ?? Timeout.InfiniteTimeSpan;
        limits.Http2.KeepAlivePingTimeout = keepAliveTimeout;
        options.AddServerHeader = false;
    }
}
