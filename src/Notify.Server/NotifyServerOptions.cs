using System.ComponentModel.DataAnnotations;
using Notify.Core.Sessions;
using Notify.Core.Storage;

namespace Notify.Server;

/// <summary>What the node at the top of a tree needs.</summary>
public sealed class NotifyServerOptions
{
    /// <summary>Name of this node, unique in the tree. The default value is the machine's name.</summary>
    [Required]
    public string Name { get; set; } = Environment.MachineName;

    /// <summary>What the node is, for people who look at the tree. The default value is "controller".</summary>
    [Required]
    public string Role { get; set; } = "controller";

    /// <summary>Bounds and times of sessions.</summary>
    [Required]
    public SessionLimits Limits { get; set; } = new();

    /// <summary>How the nodes below are treated.</summary>
    [Required]
    public HubOptions Hub { get; set; } = new();

    /// <summary>How the mirror follows the store.</summary>
    [Required]
    public StoreFeedOptions Feed { get; set; } = new();

    /// <summary>How shared objects are published through the store.</summary>
    [Required]
    public SharedPublisherOptions Sharing { get; set; } = new();
}
