using Notify.Core.Transport;

namespace Notify.Client.Transport;

/// <summary>What one call brings along. The default value: no metadata and no deadline.</summary>
public readonly record struct GrpcCallOptions
{
    /// <summary>Metadata to send.</summary>
    public GrpcMetadata? Headers { get; init; }

    /// <summary>Time for the whole call, from its start, connecting included. Then it ends with DEADLINE_EXCEEDED. Null: no deadline.</summary>
    public TimeSpan? Timeout { get; init; }
}
