using System.ComponentModel.DataAnnotations;

namespace Notify.Server.Objects;

/// <summary>Options of the object API.</summary>
public sealed record ObjectsOptions
{
    /// <summary>
    /// Where writes go instead, for the message of a node without a store: the addresses of its upstream, for instance. The default value
    /// is "a controller".
    /// </summary>
    public string WriteAt { get; init; } = "a controller";

    /// <summary>
    /// How long a commit may take in the store. After that its outcome is unknown. The default value is 10 seconds; the deadline of the call
    /// counts too.
    /// </summary>
    public TimeSpan CommitTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a call waits for the mirror to reach a revision. The default value is 10 seconds; the deadline of the call counts too.
    /// </summary>
    public TimeSpan MirrorTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>About how many bytes one response of a stream has; one with a single larger object has more. The default value is 256 KiB.</summary>
    [Range(1, 2 << 20)]
    public int ResponseBytes { get; init; } = 256 << 10;
}
