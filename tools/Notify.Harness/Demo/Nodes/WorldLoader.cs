using Notify.Core.Protocol;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Nodes;

/// <summary>Writes sample objects to a controller, many per commit.</summary>
internal static class WorldLoader
{
    /// <summary>A commit has at most 100 changes, in every store.</summary>
    public const int ChangesMax = 100;

    /// <summary>Writes the objects in their order: what is referred to stands first.</summary>
    /// <param name="progress">Told how many objects are written, after each commit.</param>
    /// <returns>The revision of the last commit.</returns>
    public static async Task<long> LoadAsync(
        IEnumerable<SampleObject> samples, NodeClient controller, Action<int> progress, CancellationToken cancellationToken)
    {
        long revision = 0;
        var written = 0;
        foreach (var batch in samples.Chunk(ChangesMax))
        {
            var response = await controller.CommitAsync(batch.Select(s => new WriteChange { Put = EdgeObjects.Pack(s) }), cancellationToken);
            revision = response.Revision;
            written += batch.Length;
            progress(written);
        }

        return revision;
    }
}
