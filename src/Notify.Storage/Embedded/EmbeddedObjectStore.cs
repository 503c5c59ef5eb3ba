using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Storage.Embedded;

/// <summary>
/// A durable store in one folder, for one controller. All state is in memory; what is committed goes to a log, and is acknowledged and
/// shown after fdatasync. Commits that come while the disk is busy go there together. Checkpoints bound the log.
/// </summary>
/// <remarks>
/// <para>Where the disk is full, commits are refused and change nothing; the store goes on serving, and takes commits again when there is room.
/// Where the disk says that it could not sync, nobody knows what it has: the commits under way end with
/// <see cref="CommitOutcomeUnknownException"/> and all later ones are refused until the store is opened anew; reading goes on.</para>
/// <para>Thread safe. A cancelled commit may still be made.</para>
/// </remarks>
public sealed partial class EmbeddedObjectStore : IObjectStore, IBackUpSource
{
    private readonly EmbeddedStoreOptions _options;
    private readonly ILogger _logger;
    private readonly StoreState _state;
    private readonly StoreView _view;
    private readonly StoreLog _log;
    private readonly IDisposable _folder;
    private readonly StoreThread? _thread;

    // Types of which a lease was given since the store was opened. Touched where commits are applied only.
    private readonly HashSet<string> _leased = new(StringComparer.Ordinal);

    private EmbeddedObjectStore(
        EmbeddedStoreOptions options, ILogger logger, StoreState state, StoreLog log, IDisposable folder, StoreIdentity identity)
    {
        (_options, _logger, _state, _log, _folder, Identity) = (options, logger, state, log, folder, identity);
        _view = new(state, inline: options.Execute is not null);
        _thread = options.Execute is null ? new StoreThread("notify store") : null;
        _execute = options.Execute ?? _thread!.Execute;
        _executeCheckpoint = options.Execute ?? (static work => new Thread(() => work()) { IsBackground = true, Name = "notify checkpoint" }.Start());
    }

    /// <inheritdoc/>
    public StoreIdentity Identity { get; }

    /// <inheritdoc/>
    public StoreLimits Limits => _options.Limits;

    /// <summary>
    /// Opens the store of a folder, or creates one there. Blocks while it reads: about two seconds for a million small objects.
    /// </summary>
    /// <param name="directory">The folder; created where there is none.</param>
    /// <param name="random">Randomness for the identity of a new store.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="logger">Logger.</param>
    /// <exception cref="StoreLockedException">Another process has the folder.</exception>
    /// <exception cref="StoreCorruptException">A file is damaged.</exception>
    /// <exception cref="StoreFormatException">A newer program wrote a file.</exception>
    /// <exception cref="IOException">The folder cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read or written.</exception>
    public static EmbeddedObjectStore Open(string directory, Random random, EmbeddedStoreOptions options, ILogger<EmbeddedObjectStore> logger) =>
        Open(new FileDisk(directory), random, options, logger);

    internal static EmbeddedObjectStore Open(IDisk disk, Random random, EmbeddedStoreOptions options, ILogger logger)
    {
        var folder = disk.Lock();
        try
        {
            var state = new StoreState(options.HistoryRevisionsMax, options.HistoryBytesMax);
            var recovery = new StoreRecovery(disk, state);
            recovery.Run();
            var identity = recovery.Identity ?? StoreIdentity.Create(random);
            var log = new StoreLog(disk, identity, recovery, state.Head, options);
            if (recovery.TornBytes > 0)
            {
                Log.Torn(logger, disk.Path, recovery.TornBytes, state.Head);
            }

            Log.Opened(logger, disk.Path, state.Count, state.Head, identity);
            return new EmbeddedObjectStore(options, logger, state, log, folder, identity);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long> DeclareAsync(ImmutableArray<TypeDeclaration> declarations, CancellationToken cancellationToken) =>
        await EnqueueAsync(
            state =>
            {
                var epoch = state.Declare(declarations);
                return (state.Head, epoch);
            },
            bytes: 0,
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Limits.Check(transaction) is { } rejected
            ? rejected
            : await EnqueueAsync(state => state.Commit(transaction), transaction.Changes.Sum(StoreLimits.SizeOf), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IStoreLease> LeaseAsync(Envelope envelope, TimeSpan ttl, CancellationToken cancellationToken)
    {
        var put = StoreChange.Put(envelope);
        if (Limits.Check(new Transaction([put])) is { } rejected)
        {
            throw new ArgumentException(rejected.Message, nameof(envelope));
        }

        var result = await EnqueueAsync(
            state =>
            {
                // Whoever leased before the store was opened is gone with the process that had it open then.
                var left = _leased.Add(envelope.Id.Type) ? state.OfType(envelope.Id.Type).Where(id => id != envelope.Id).ToList() : [];
                return state.Commit(new Transaction([put, .. left.Select(StoreChange.Delete)]));
            },
            StoreLimits.SizeOf(put),
            cancellationToken).ConfigureAwait(false);
        return OwnLease.Of(this, envelope.Id, result);
    }

    /// <inheritdoc/>
    public ValueTask<StoreSnapshot> SnapshotAsync(long horizon, CancellationToken cancellationToken) => _view.SnapshotAsync(horizon, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<StoreEpoch> WatchAsync(long afterRevision, CancellationToken cancellationToken) => _view.WatchAsync(afterRevision, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoreRevisions> RevisionsAsync(CancellationToken cancellationToken) => _view.RevisionsAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken) => _view.CompactAsync(revision, cancellationToken);

    /// <summary>
    /// Closes the store: commits given to it are finished, waiting watches end with <see cref="StoreUnavailableException"/>, and the folder is
    /// free for another process.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Action? wake;
        Task idle;
        lock (_view.Gate)
        {
            if (_view.IsClosed)
            {
                return;
            }

            _view.IsClosed = true;
            wake = _view.TakeWaiting();
            idle = WhenIdle();
        }

        wake?.Invoke();
        await idle.ConfigureAwait(false);
        _thread?.Dispose();
        _log.Dispose();
        _folder.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(4100, LogLevel.Information, "Opened the store in {Directory} with {Objects} objects at revision {Revision}: {Identity}")]
        public static partial void Opened(ILogger logger, string directory, int objects, long revision, StoreIdentity identity);

        [LoggerMessage(4101, LogLevel.Warning, "The last write to {Directory} was torn and never acknowledged: cut off {Bytes} bytes after revision {Revision}")]
        public static partial void Torn(ILogger logger, string directory, long bytes, long revision);

        [LoggerMessage(4102, LogLevel.Error, "Commits are refused until there is room again: writing the log failed")]
        public static partial void Refused(ILogger logger, Exception exception);

        [LoggerMessage(4103, LogLevel.Critical, "Commits are refused until the controller is started again: the disk failed, and what it has of the last commits is unknown")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(4104, LogLevel.Information, "Wrote a checkpoint of {Objects} objects as of revision {Revision}: {Bytes} bytes")]
        public static partial void Checkpointed(ILogger logger, int objects, long revision, long bytes);

        [LoggerMessage(4105, LogLevel.Warning, "A checkpoint could not be written; the log stays longer until the next one")]
        public static partial void CheckpointFailed(ILogger logger, Exception exception);
    }
}
