using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Edge;
using Notify.Harness.Demo.Nodes;

namespace Notify.Harness.Demo.View;

/// <summary>Events in a few words.</summary>
internal static class EventText
{
    public static string Of(WatchEvent change)
    {
        if (change.Put is not { } put)
            return $"{EdgeObjects.ShortName((change.Removed ?? change.Left).Type)} removed";
        return EdgeObjects.Unpack(put.Value) switch
        {
            AppInst i => $"AppInst {i.Key.Name} generation {i.Generation}",
            AppInstInfo i => $"AppInstInfo {i.Key.Name} {i.State} in {i.CloudletKey?.Name}",
            CloudletInfo i => $"CloudletInfo {i.Key.Name} {i.State}",
            var other => $"{other.Descriptor.Name} {NameOf(other)}",
        };
    }

    /// <summary>Only what kind of thing happened to what type of object.</summary>
    public static string Kind(WatchEvent change) => change.Put is { } put
        ? $"{EdgeObjects.ShortName(put.Value.TypeUrl)} put"
        : $"{EdgeObjects.ShortName((change.Removed ?? change.Left).Type)} removed";

    private static string NameOf(IMessage message) => message switch
    {
        App app => app.Key.Name,
        Node node => node.Key.Name,
        Alert alert => alert.Key.Name,
        ClusterInstInfo info => info.Key.Name,
        _ => "",
    };
}
