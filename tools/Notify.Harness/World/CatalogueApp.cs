using Notify.Edge;

namespace Notify.Harness.World;

/// <summary>An app in all its published versions.</summary>
/// <param name="Weight">How often it is picked for a cloudlet, relative to the others.</param>
/// <param name="Trusted">Runs on the cluster that a cloudlet's developers share; others get a cluster of their own.</param>
internal sealed record CatalogueApp(
    string Organization,
    string Name,
    IReadOnlyList<string> Versions,
    string Flavor,
    ImageType ImageType,
    string AccessPorts,
    int Weight,
    bool Trusted = true)
{
    public AppKey Key(string version) => new() { Organization = Organization, Name = Name, Version = version };

    /// <summary>One object per version, oldest first.</summary>
    public IEnumerable<App> Published() => Versions.Select(version => new App
    {
        Key = Key(version),
        ImagePath = ImageType switch
        {
            ImageType.Helm => $"charts.example/{Organization}/{Name}:{version}",
            ImageType.Qcow => $"images.example/{Organization}/{Name}-{version}.qcow2",
            _ => $"registry.example/{Organization}/{Name}:{version}",
        },
        ImageType = ImageType,
        AccessPorts = AccessPorts,
        DefaultFlavor = new() { Name = Flavor },
        Environment = { ["LOG_LEVEL"] = "info" },
        Trusted = Trusted,
    });
}
