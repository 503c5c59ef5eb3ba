using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Edge;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Nodes;

/// <summary>What nodes publish: whose it is, told from the object itself and not from what the product notes beside it.</summary>
internal static class Published
{
    /// <summary>The site whose resource manager publishes an object; null for other nodes' objects.</summary>
    public static CloudletKey? SiteOf(IMessage message) => message switch
    {
        AppInstInfo info => info.CloudletKey,
        ClusterInstInfo info => info.Key?.CloudletKey,
        CloudletInfo info => info.Key,
        VMPoolInfo info => info.CloudletKey,
        Alert alert => alert.Key?.CloudletKey,
        Node node => node.CloudletKey,
        _ => null,
    };

    /// <summary>The published objects of a node's listing.</summary>
    public static IReadOnlyList<MirrorObject> All(Listing listing) => [.. listing.Dynamic.Select(EdgeObjects.Compare)];

    /// <summary>Those of them that a site publishes, or all but those.</summary>
    public static IReadOnlyList<MirrorObject> Of(Listing listing, Site site, bool butThose = false) =>
        [.. listing.Dynamic.Where(view => IsOf(view, site) != butThose).Select(EdgeObjects.Compare)];

    private static bool IsOf(ObjectView view, Site site) => site.Key.Equals(SiteOf(EdgeObjects.Unpack(view.Value)));
}
