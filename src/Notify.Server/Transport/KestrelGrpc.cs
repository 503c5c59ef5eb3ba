using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Notify.Server.Transport;

/// <summary>Kestrel's limits for gRPC.</summary>
public static class KestrelGrpc
{
    /// <summary>
    /// Sets the limits that streams of any length and pace need: no least data rate in either direction (Kestrel would cut the connection of
    /// a client that stops reading for five seconds, with all its streams), and HTTP/2 pings, so that a silent connection is found dead. Call it
    /// before endpoints are added.
    /// </summary>
    /// <param name="options">Kestrel's options.</param>
    /// <param name="keepAliveInterval">Silence after which a ping is sent; at least one second. Null: no pings.</param>
    /// <param name="keepAliveTimeout">Time for the answer to a ping; at least one second.</param>
    /// <param name="stopPatience">
    /// When the host stops, connections that are not closed within this time are cut: Kestrel waits for streams that their clients do not read,
    /// and for clients that are frozen, as long as the host lets it. Null: they are not cut.
    /// </param>
    public static void ConfigureForGrpc(
        this KestrelServerOptions options, TimeSpan? keepAliveInterval, TimeSpan keepAliveTimeout, TimeSpan? stopPatience = null)
    {
        var limits = options.Limits;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.Http2.KeepAlivePingDelay = keepAliveInterval ?? Timeout.InfiniteTimeSpan;
        limits.Http2.KeepAlivePingTimeout = keepAliveTimeout;
        options.AddServerHeader = false;
        if (stopPatience is { } patience)
        {
            options.ConfigureEndpointDefaults(endpoint =>
            {
                var cut = HostStop.Of(endpoint.ApplicationServices, patience);
                endpoint.Use(next => connection => ServeAsync(connection, next, cut));
            });
        }
    }

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next, CancellationToken cut)
    {
        using (cut.UnsafeRegister(static connection => ((ConnectionContext)connection!).Abort(new ConnectionAbortedException("The server has stopped.")), connection))
        {
            await next(connection).ConfigureAwait(false);
        }
    }
}
