using Notify.Core.Storage;

namespace Notify.Storage.Embedded;

/// <summary>
/// The log files: batches go to the end of the last one. <see cref="Append"/> and <see cref="Sync"/> are called by one thread at a time;
/// dropping old files is safe beside them.
/// </summary>
internal sealed class StoreLog : IDisposable
{
    private readonly StoreIdentity _identity;
    private readonly EmbeddedStoreOptions _options;
    private readonly Lock _lock = new();
    private readonly List<(long After, long Bytes)> _older = [];
    private IDiskFile _file;
    private long _wholeLength;
    private long _after;
    private long _head;
    private ulong _batch;
    private long _bytesSinceCheckpoint;
    private long _checkpointBytes;

    /// <summary>Goes on with the last log there is, or begins the first one.</summary>
    public StoreLog(IDisk disk, StoreIdentity identity, StoreRecovery recovered, long head, EmbeddedStoreOptions options)
    {
        (Disk, _identity, _options) = (disk, identity, options);
        (_head, _batch, _checkpointBytes) = (head, recovered.Batch, recovered.CheckpointBytes);
        _bytesSinceCheckpoint = recovered.Logs.Sum(log => log.Bytes);
        if (recovered.Logs.Count == 0)
        {
            _file = CreateFile();
            (_after, _wholeLength) = (head, _file.Length);
            return;
        }

        _older.AddRange(recovered.Logs.SkipLast(1));
        _after = recovered.Logs[^1].After;
        _file = disk.OpenAppend(StoreFiles.Log(_after));

        // What was read may be in the machine's memory only, if the process before died between write and sync. Nobody sees it before it is safe.
        _file.Sync();
        _wholeLength = _file.Length;
    }

    public IDisk Disk { get; }

    /// <summary>Writes epochs as one batch, without syncing. When it throws, <see cref="TakeBack"/> what may have been written.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public void Append(List<StoreEpoch> epochs)
    {
        // Before anything that may throw: what is in the file now was acknowledged, and is never taken back.
        _wholeLength = _file.Length;
        if (_file.Length >= _options.LogFileBytes && _head > _after)
        {
            BeginFile();
        }

        var frame = StoreFrames.Encode(FrameKind.Batch, _batch + 1, StoreCodec.Batch(epochs));
        _file.Append(frame);
        _batch++;
        _head = epochs[^1].Revision;
        lock (_lock)
        {
            _bytesSinceCheckpoint += frame.Length;
        }
    }

    /// <summary>Removes what an append that threw may have written, for good.</summary>
    /// <exception cref="IOException">Nobody knows what is there.</exception>
    public void TakeBack()
    {
        _file.Truncate(_wholeLength);
        _file.Sync();
    }

    /// <summary>Returns when what was appended is on stable storage.</summary>
    /// <exception cref="IOException">Nobody knows what of it is.</exception>
    public void Sync() => _file.Sync();

    /// <summary>True, once, when the log has grown enough for the next checkpoint.</summary>
    public bool TakeCheckpointDue()
    {
        lock (_lock)
        {
            if (_bytesSinceCheckpoint < Math.Max(_options.CheckpointBytes, _checkpointBytes))
            {
                return false;
            }

            _bytesSinceCheckpoint = 0;
            return true;
        }
    }

    /// <summary>Deletes what a checkpoint as of a revision made unneeded: older checkpoints, and logs with nothing above it.</summary>
    public void DropBefore(long revision, long checkpointBytes)
    {
        lock (_lock)
        {
            _checkpointBytes = checkpointBytes;
            while (_older.Count > 0 && (_older.Count > 1 ? _older[1].After : _after) <= revision)
            {
                Disk.Delete(StoreFiles.Log(_older[0].After));
                _older.RemoveAt(0);
            }
        }

        foreach (var older in StoreFiles.Checkpoints(Disk.List()).Where(older => older < revision))
        {
            Disk.Delete(StoreFiles.Checkpoint(older));
        }
    }

    public void Dispose() => _file.Dispose();

    private void BeginFile()
    {
        var file = CreateFile();
        lock (_lock)
        {
            _older.Add((_after, _file.Length));
            _file.Dispose();
            (_file, _after, _wholeLength) = (file, _head, file.Length);
        }
    }

    /// <summary>A new log is durable, with its name, before the first batch goes to it.</summary>
    private IDiskFile CreateFile()
    {
        var name = StoreFiles.Log(_head);
        var file = Disk.Create(name);
        try
        {
            file.Append(StoreFrames.Encode(FrameKind.Head, 0, StoreCodec.Head(_identity, _head, _batch)));
            file.Sync();
            Disk.SyncNames();
            return file;
        }
        catch (IOException)
        {
            file.Dispose();
            Disk.Delete(name);
            throw;
        }
    }
}
