using System.Runtime.CompilerServices;

namespace Notify.Core.Caches;

/// <summary>
/// Changes of a mirror for a reader that awaits them. Memory does not grow while the reader is slow: it holds one view, and the next read
/// brings the difference to the newest.
/// </summary>
/// <param name="mirror">The mirror to watch.</param>
/// <param name="since">The view that the reader knows; by default nothing, so that the first change brings what is there.</param>
public sealed class MirrorWatch(Mirror mirror, MirrorSnapshot? since = null)
{
    /// <summary>
    /// Differences in order, each of one or more whole epochs, until cancelled. One without changes tells that the view has come to a newer
    /// revision, where nothing differs from what the reader has: changes that were undone before it looked, or that are none of this node's interest.
    /// </summary>
    public async IAsyncEnumerable<MirrorChange> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var seen = since ?? mirror.EmptySnapshot();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var change = mirror.Difference(seen);
            seen = change.After;
            if (change.Changes.Count > 0 || HasMovedOn(change.Before, change.After))
            {
                yield return change;
            }
            else
            {
                // For a view of a higher number, not for a difference to some other view: what is undone meanwhile would be slept over.
                await mirror.WaitForViewAfterAsync(seen, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Views for a reader that brings something in line with what there is, until cancelled: each newer than the one before, the newest there is, and of a
    /// mirror that was synced at that moment. What such a view lacks does not exist; in one of a mirror that is being filled everything seems to
    /// lack something.
    /// </summary>
    public async IAsyncEnumerable<MirrorSnapshot> ReadSyncedAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var seen = since;
        while (true)
        {
            var view = await mirror.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
            if (seen is null || view.Number > seen.Number)
            {
                seen = view;
                yield return view;
            }
            else
            {
                await mirror.WaitForViewAfterAsync(seen, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool HasMovedOn(MirrorSnapshot before, MirrorSnapshot after) =>
        (before.StoredRevision, before.DynamicRevision) != (after.StoredRevision, after.DynamicRevision)
        || before.StoredSpace != after.StoredSpace;
}
