using Microsoft.Extensions.Logging;
using Notify.Core.Caches;

namespace Notify.Core.Storage;

/// <summary>
/// Keeps a controller's mirror equal to its store: the state as of a horizon behind the head, then every epoch as one epoch of the
/// mirror. Types come from the store's declarations, so that a controller mirrors what it has no code for.
/// </summary>
/// <remarks>Nothing else may write stored objects to the mirror.</remarks>
public sealed partial class StoreFeed(
    IObjectStore store, Mirror mirror, StoreFeedOptions options, TimeProvider timeProvider, ILogger<StoreFeed> logger)
{
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _position;

    /// <summary>Completes when the mirror shows what the store had when the feed was started.</summary>
    public Task Loaded => _loaded.Task;

    /// <summary>
    /// Feeds the mirror until cancelled, then throws <see cref="OperationCanceledException"/>. A store that is not available is tried again and
    /// again; the mirror keeps what it has. After a compaction that overtook the feed the mirror takes over the store's state, and only
    /// real differences raise events. A store that has gone back behind the mirror is not followed: it is an error in the log, and tried again.
    /// </summary>
    /// <exception cref="StoreReplacedException">The store has another identity than when it was opened.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await LoadAsync(cancellationToken).ConfigureAwait(false);
                await FollowAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (CompactedException e)
            {
                Log.Compacted(logger, e.RequestedRevision, e.OldestRevision);
                _position = null;
            }
            catch (StoreUnavailableException e)
            {
                Log.Unavailable(logger, _position ?? 0, options.RetryDelay, e);
                await Task.Delay(options.RetryDelay, timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_position is not null)
        {
            return;
        }

        // The mirror must not go back, so only a mirror without a state starts behind the head.
        var space = store.Identity.ToSpace();
        var horizon = mirror.Snapshot().StoredSpace is null ? options.Horizon : 0;
        var snapshot = await store.SnapshotAsync(horizon, cancellationToken).ConfigureAwait(false);
        foreach (var declaration in snapshot.Declarations)
        {
            mirror.Types.Declare(declaration);
        }

        var objects = await snapshot.Objects.ToListAsync(cancellationToken).ConfigureAwait(false);
        if (mirror.Snapshot() is var held && held.StoredSpace == space)
        {
            ThrowIfBehind(snapshot.Revision, held.StoredRevision);
        }

        mirror.LoadStore(space, snapshot.Revision, objects);
        _position = snapshot.Revision;
        Log.Loaded(logger, objects.Count, snapshot.Revision);
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var head = (await store.RevisionsAsync(cancellationToken).ConfigureAwait(false)).Head;
        ThrowIfBehind(head, _position!.Value); // It was loaded.
        NoteProgress(head);
        await foreach (var epoch in store.WatchAsync(_position.Value, cancellationToken).ConfigureAwait(false))
        {
            foreach (var declaration in epoch.Declarations)
            {
                mirror.Types.Declare(declaration);
            }

            mirror.ApplyStoreCommit(
                epoch.Revision,
                epoch.Changes.Select(change => change.Envelope).OfType<Types.Envelope>(),
                epoch.Changes.Where(change => change.Envelope is null).Select(change => change.Id),
                hasReferences: epoch.Declarations.Any(declaration => !declaration.RefersTo.IsEmpty));
            _position = epoch.Revision;
            NoteProgress(head);
        }
    }

    /// <summary>
    /// A store whose head is below what the mirror has was restored from a backup without a new incarnation. What it makes of those revisions
    /// now is not what nodes have: following it would lead them astray without a sign.
    /// </summary>
    private void ThrowIfBehind(long head, long revision)
    {
        if (head < revision)
        {
            Log.WentBack(logger, head, revision);
            throw new StoreUnavailableException($"its head, revision {head}, is below revision {revision} that this node has.");
        }
    }

    private void NoteProgress(long head)
    {
        if (_position >= head)
        {
            _loaded.TrySetResult();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4000, LogLevel.Information, "Loaded {Objects} objects at revision {Revision}")]
        public static partial void Loaded(ILogger logger, int objects, long revision);

        [LoggerMessage(4001, LogLevel.Warning, "Revision {Revision} was compacted before it was read, the oldest is {Oldest}; taking the whole state over")]
        public static partial void Compacted(ILogger logger, long revision, long oldest);

        [LoggerMessage(4003, LogLevel.Critical, "The store went back: its head, revision {Head}, is below revision {Revision} that this node has. Nothing is read from it. After a restore from a backup give the store a new incarnation (notifyctl store new-incarnation)")]
        public static partial void WentBack(ILogger logger, long head, long revision);

        [LoggerMessage(4002, LogLevel.Warning, "The store is not available after revision {Revision}; trying again in {Delay}")]
        public static partial void Unavailable(ILogger logger, long revision, TimeSpan delay, Exception exception);
    }
}
