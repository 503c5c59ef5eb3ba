using System.ComponentModel.DataAnnotations;
using Notify.Core.Sessions;
using Notify.Core.Sync;

namespace Notify.Client;

/// <summary>What a leaf needs to join the tree.</summary>
public sealed class NotifyClientOptions
{
    /// <summary>Name of this node, unique in the tree. The default value is the machine's name.</summary>
    [Required]
    public string Name { get; set; } = Environment.MachineName;

    /// <summary>What the node is, for people who look at the tree. The default value is "leaf".</summary>
    [Required]
    public string Role { get; set; } = "leaf";

    /// <summary>Addresses of nodes above, of the form http://host:port. One of them is in use at a time.</summary>
    [MinLength(1, ErrorMessage = "Upstreams needs at least one address of the form http://host:port.")]
    public IList<Uri> Upstreams { get; } = [];

    /// <summary>What to mirror. The default value is nothing; it can be changed at any time with <see cref="Core.Caches.Mirror.SetInterest"/>.</summary>
    [Required]
    public Interest Interest { get; set; } = Interest.None;

    /// <summary>Other nodes connect to this one, too; add a hub for them with Notify.Server. The default value is false.</summary>
    public bool IsRelay { get; set; }

    /// <summary>Bounds and times of sessions.</summary>
    [Required]
    public SessionLimits Limits { get; set; } = new();

    /// <summary>Waits between attempts to connect.</summary>
    [Required]
    public UpstreamPolicyOptions Backoff { get; set; } = new();
}
