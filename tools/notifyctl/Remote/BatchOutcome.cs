using Notify.Core.Protocol;
using Notify.Core.Transport;

namespace Notify.Ctl.Remote;

/// <summary>What became of many changes.</summary>
/// <param name="Results">One per change; null where it was not made, or nobody knows.</param>
/// <param name="Commits">How many commits were made.</param>
/// <param name="Revision">The highest revision of one of them.</param>
/// <param name="FailedBatch">The changes of the commit that failed, or null.</param>
/// <param name="Failure">Why it failed, or null.</param>
internal sealed record BatchOutcome(
    IReadOnlyList<WriteResult?> Results, int Commits, long Revision, Range? FailedBatch, GrpcException? Failure)
{
    /// <summary>Both, one after the other, where neither failed.</summary>
    public BatchOutcome And(BatchOutcome next) =>
        new([.. Results, .. next.Results], Commits + next.Commits, Math.Max(Revision, next.Revision), FailedBatch: null, Failure: null);

    public int Done => Results.Count(result => result is not null);
}
