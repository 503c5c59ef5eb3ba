using Notify.Core.Protocol;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Nodes;

/// <summary>What a node listed, of one moment.</summary>
internal sealed record Listing(MirrorPosition Position, IReadOnlyList<ObjectView> Objects)
{
    /// <summary>The objects that come from the store, in the form that is compared.</summary>
    public IEnumerable<MirrorObject> Stored => Objects.Where(o => IsStored(o)).Select(EdgeObjects.Compare);

    /// <summary>The objects that nodes published.</summary>
    public IEnumerable<ObjectView> Dynamic => Objects.Where(o => !IsStored(o));

    // By the harness's own list: a stored type that a node took for a dynamic one must not slip through.
    private static bool IsStored(ObjectView view) => EdgeObjects.Stored.Contains(EdgeObjects.ShortName(view.Value.TypeUrl));
}
