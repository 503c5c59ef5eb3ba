using Notify.Core.Transport;

namespace Notify.Server.Transport;

/// <summary>Limits of the methods mapped with them.</summary>
public sealed record GrpcEndpointOptions
{
    /// <summary>The largest message that is received, in bytes. The default value is 4 MiB.</summary>
    public int ReceiveBytesMax { get; init; } = MessageFrame.DefaultMessageBytesMax;

    /// <summary>The largest message that is sent, in bytes. The default value is 4 MiB, because that is what clients commonly accept.</summary>
    public int SendBytesMax { get; init; } = MessageFrame.DefaultMessageBytesMax;
}
