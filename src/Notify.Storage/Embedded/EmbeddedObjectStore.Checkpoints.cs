using Notify.Core.Storage;

namespace Notify.Storage.Embedded;

/// <summary>Checkpoints and backups: both are the whole state as of a revision, written beside the commits that go on.</summary>
public sealed partial class EmbeddedObjectStore
{
    private readonly Action<Action> _executeCheckpoint;
    private bool _isCheckpointing;

    /// <inheritdoc/>
    public StoreBackUp BackUp()
    {
        var copy = _view.Copy(horizon: 0);
        return new StoreBackUp(copy.Revision, copy.Objects.Count, StoreCheckpoint.Frames(Identity, copy));
    }

    /// <summary>
    /// Makes a store from a backup, with a new incarnation: mirrors sync again, for what was committed after the backup is gone. The whole backup is
    /// checked before the folder becomes a store.
    /// </summary>
    /// <param name="backup">What <see cref="BackUp"/> wrote.</param>
    /// <param name="directory">A folder that is empty or not there yet.</param>
    /// <param name="random">Randomness for the new incarnation.</param>
    /// <returns>The restored store's identity and revision.</returns>
    /// <exception cref="IOException">The folder is not empty, or cannot be written.</exception>
    /// <exception cref="StoreCorruptException">The backup is damaged or not whole.</exception>
    public static (StoreIdentity Identity, long Revision) Restore(Stream backup, string directory, Random random) =>
        Restore(backup, new FileDisk(directory), random);

    internal static (StoreIdentity Identity, long Revision) Restore(Stream backup, IDisk disk, Random random)
    {
        using var folder = disk.Lock();
        if (disk.List().Count > 0)
        {
            throw new IOException($"{disk.Path} is not empty. Restore into an empty folder, then start the controller with it.");
        }

        return StoreCheckpoint.Restore(backup, disk, random);
    }

    /// <summary>Writes a checkpoint as of the oldest revision of the history, and drops the logs that it replaces.</summary>
    internal void Checkpoint()
    {
        try
        {
            var copy = _view.Copy(horizon: long.MaxValue);
            var bytes = StoreCheckpoint.Write(_log.Disk, Identity, copy);
            _log.DropBefore(copy.Revision, bytes);
            Log.Checkpointed(_logger, copy.Objects.Count, copy.Revision, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.CheckpointFailed(_logger, e);
        }
        catch (StoreUnavailableException)
        {
            // Closed meanwhile: the logs are all there, and the next process reads them.
        }
    }

    private void StartCheckpointIfDue()
    {
        lock (_view.Gate)
        {
            if (_isCheckpointing || _view.IsClosed || !_log.TakeCheckpointDue())
            {
                return;
            }

            _isCheckpointing = true;
        }

        _executeCheckpoint(() =>
        {
            try
            {
                Checkpoint();
            }
            finally
            {
                lock (_view.Gate)
                {
                    _isCheckpointing = false;
                    NoteIdle();
                }
            }
        });
    }
}
