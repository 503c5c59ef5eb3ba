using System.ComponentModel.DataAnnotations;
using Notify.Core.Transport;

namespace Notify.Client.Transport;

/// <summary>Options of a <see cref="GrpcChannel"/>.</summary>
public sealed record GrpcChannelOptions
{
    /// <summary>The largest message that is received, in bytes. The default value is 4 MiB.</summary>
    [Range(1, int.MaxValue)]
    public int ReceiveBytesMax { get; init; } = MessageFrame.DefaultMessageBytesMax;

    /// <summary>The largest message that is sent, in bytes. The default value is 4 MiB, which is what servers commonly accept.</summary>
    [Range(1, int.MaxValue)]
    public int SendBytesMax { get; init; } = MessageFrame.DefaultMessageBytesMax;

    /// <summary>Time for connecting, with TLS where there is TLS. The default value is 2 seconds: another address may answer.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Silence of a connection with open calls after which a ping is sent; at least one second. Null: no pings. The default value is 20
    /// seconds.
    /// </summary>
    public TimeSpan? KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Time for the answer to a ping; at least one second. Then the connection is given up and its calls end with UNAVAILABLE. The default
    /// value is 10 seconds.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Bytes that a server may send on a call ahead of the reader, to begin with; it grows on fast lines. The default value is 256 KiB.
    /// </summary>
    [Range(65_535, 16 * 1024 * 1024)]
    public int StreamWindowBytes { get; init; } = 256 * 1024;

    /// <summary>TLS, for <c>https</c> addresses. Null, the default value: the system's authorities and no client certificate.</summary>
    public GrpcTlsOptions? Tls { get; init; }

    /// <summary>The clock of deadlines. The default value is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
