using Notify.Core.Sessions;

namespace Notify.Client.Links;

/// <summary>How a node reaches its upstream.</summary>
public sealed record UpstreamLinkOptions
{
    /// <summary>Addresses of the form http://host:port; one of them is in use at a time.</summary>
    public required IReadOnlyList<Uri> Addresses { get; init; }

    /// <summary>What the node says of itself, and the session's bounds and times.</summary>
    public required SessionSettings Settings { get; init; }

    /// <summary>Waits between attempts.</summary>
    public UpstreamPolicyOptions Policy { get; init; } = new();
}
