using Notify.Core.Protocol;
using Notify.Core.Transport;

namespace Notify.Ctl.Remote;

/// <summary>
/// Makes many changes in commits of bounded size, several under way at once. Each commit is made as a whole or not at all; there is no order
/// between two of them.
/// </summary>
internal sealed class BatchCommitter(NodeConnection node)
{
    /// <summary>The most changes of a commit. Every store takes that many by default.</summary>
    public const int ChangesMax = 100;

    // Stores take 1 MiB by default; keys and links take room beside the values.
    private const int BytesMax = 768 * 1024;

    // Enough to hide the way to the node and back; the store makes one commit after the other anyway.
    private const int CommitsMax = 4;

    /// <summary>Commits until all is done or something fails; then no new commit is begun, and those under way are waited for.</summary>
    /// <param name="changes">At most one per object.</param>
    /// <param name="progress">Is told how many changes are done.</param>
    /// <param name="cancellationToken">Ends the commits under way; their outcome is then unknown.</param>
    public async Task<BatchOutcome> CommitAsync(IReadOnlyList<WriteChange> changes, Action<int>? progress, CancellationToken cancellationToken)
    {
        var results = new WriteResult?[changes.Count];
        Lock gate = new();
        (Range Batch, GrpcException Failure)? failed = null;
        var (done, commits, revision) = (0, 0, 0L);
        ParallelOptions few = new() { MaxDegreeOfParallelism = CommitsMax };
        await Parallel.ForEachAsync(BatchesOf(changes), few, async (batch, _) =>
        {
            lock (gate)
            {
                if (failed is not null)
                    return;
            }
            try
            {
                CommitRequest request = new();
                request.Changes.AddRange(changes.Take(batch));
                var response = await node.CallAsync(ObjectsMethods.Commit, request, cancellationToken);
                lock (gate)
                {
                    for (var i = 0; i < response.Results.Count; i++)
                        results[batch.Start.Value + i] = response.Results[i];
                    (done, commits, revision) = (done + response.Results.Count, commits + 1, Math.Max(revision, response.Revision));
                    progress?.Invoke(done);
                }
            }
            catch (GrpcException e)
            {
                lock (gate)
                    failed ??= (batch, e);
            }
        });
        return new BatchOutcome(results, commits, revision, failed?.Batch, failed?.Failure);
    }

    private static IEnumerable<Range> BatchesOf(IReadOnlyList<WriteChange> changes)
    {
        var (start, bytes) = (0, 0);
        for (var i = 0; i < changes.Count; i++)
        {
            var size = changes[i].CalculateSize();
            if (i - start == ChangesMax || (i > start && bytes + size > BytesMax))
            {
                yield return start..i;
                (start, bytes) = (i, 0);
            }
            bytes += size;
        }
        if (changes.Count > start)
            yield return start..changes.Count;
    }
}
