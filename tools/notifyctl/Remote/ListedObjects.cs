using Notify.Core.Protocol;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Selecting;

namespace Notify.Ctl.Remote;

/// <summary>Objects that a node has, all of one moment.</summary>
/// <param name="Views">The objects; types that refer to nothing first, objects of one type by ascending key.</param>
/// <param name="IsSynced">False: the node is still filling its mirror, and what is missing may exist.</param>
internal sealed record ListedObjects(IReadOnlyList<ObjectView> Views, bool IsSynced)
{
    /// <summary>Lists what is selected.</summary>
    /// <exception cref="Core.Transport.GrpcException">The call failed.</exception>
    public static async Task<ListedObjects> ReadAsync(CommandContext context, Selection selection, long minRevision, CancellationToken cancellationToken)
    {
        List<ObjectView> views = [];
        MirrorPosition? position = null;
        ListRequest request = new() { Filter = selection.Filter, MinRevision = minRevision };
        await using var call = context.Node.Stream(ObjectsMethods.List, request, endless: false, cancellationToken);
        while (await call.WaitToReadAsync(CancellationToken.None))
        {
            while (call.TryRead(out var response))
            {
                position ??= response.Position;
                views.AddRange(response.Objects.Where(view => selection.Includes(context.Types.OfUrl(view.Value.TypeUrl), view)));
            }
        }
        return new ListedObjects(views, position is not { Synced: false });
    }
}
