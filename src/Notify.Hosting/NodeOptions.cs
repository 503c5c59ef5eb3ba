using Notify.Core.Sessions;

namespace Notify.Hosting;

/// <summary>What every program is told on its command line. Validated.</summary>
public sealed record NodeOptions
{
    /// <summary>Name of the node, unique in the tree.</summary>
    public required string Name { get; init; }

    /// <summary>Where to serve gRPC; port 0 takes a free one.</summary>
    public required HostPort Listen { get; init; }

    /// <summary>Nodes to connect to, one of them at a time; empty at a controller.</summary>
    public IReadOnlyList<HostPort> Upstreams { get; init; } = [];

    /// <summary>How to log. The default value is <see cref="LogFormat.Text"/>.</summary>
    public LogFormat Log { get; init; }

    /// <summary>Silence after which a peer is given up. The default value is 15 seconds.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Bounds and times of this node's sessions. How large an object may be is decided where it is written, so a node takes from its
    /// upstream whatever fits a frame.
    /// </summary>
    public SessionLimits SessionLimits
    {
        get
        {
            var (usual, silenceMs) = (new SessionLimits(), (int)HeartbeatTimeout.TotalMilliseconds);
            return usual with
            {
                SilenceMs = silenceMs,
                HeartbeatMs = Math.Min(usual.HeartbeatMs, silenceMs / 3),
                ObjectBytesMax = usual.FrameBytesMax - (64 * 1024),
            };
        }
    }
}
