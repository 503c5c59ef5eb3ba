using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Notify.Core.Caches;

/// <summary>
/// Changes of a mirror for a reader that awaits them. Memory does not grow while the reader is slow: it holds one view, and the next read
/// brings the difference to the newest.
/// </summary>
/// <param name="mirror">The mirror to watch.</param>
/// <param name="since">The view that the reader knows; by default nothing, so that the first change brings what is there.</param>
public sealed class MirrorWatch(Mirror mirror, MirrorSnapshot? since = null)
{
    /// <summary>Differences in order, each of one or more whole epochs, until cancelled.</summary>
    public async IAsyncEnumerable<MirrorChange> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var seen = since ?? mirror.EmptySnapshot();

        // A signal, not a queue: one slot, and a full slot already says all there is to say.
        var signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var subscription = mirror.Subscribe(_ => signal.Writer.TryWrite(true), mirror.Snapshot());
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var change = mirror.Difference(seen);
            seen = change.After;
            if (change.Changes.Count > 0)
            {
                yield return change;
            }
            else
            {
                await signal.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
