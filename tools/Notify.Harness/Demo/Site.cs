using Notify.Edge;

namespace Notify.Harness.Demo;

/// <summary>A cloudlet of the world that has a resource manager in the demo.</summary>
internal sealed record Site(string Organization, string Name)
{
    public CloudletKey Key => new() { Organization = Organization, Name = Name };

    /// <summary>Name of its resource manager.</summary>
    public string Node => "crm-" + Name.ToLowerInvariant();

    public override string ToString() => $"{Organization}/{Name}";
}
