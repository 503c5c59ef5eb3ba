using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Storage.Embedded.Files;

namespace Notify.Storage.Embedded;

/// <summary>
/// Brings the state back from the folder: the newest checkpoint, then every batch after it. The last write may be torn at any byte, for it
/// was never acknowledged; anything else that is not as it was written is an error, and nothing is changed then.
/// </summary>
internal sealed class StoreRecovery(IDisk disk, StoreState state)
{
    private readonly List<(long After, long Bytes)> _logs = [];
    private ulong _batch;

    /// <summary>Who the store is, or null where the folder has none yet.</summary>
    public StoreIdentity? Identity { get; private set; }

    /// <summary>Number of the last batch.</summary>
    public ulong Batch => _batch;

    /// <summary>The logs that are there, by the revision before their first epoch, with their bytes; ascending.</summary>
    public IReadOnlyList<(long After, long Bytes)> Logs => _logs;

    /// <summary>Bytes of the checkpoint; 0 where there is none.</summary>
    public long CheckpointBytes { get; private set; }

    /// <summary>Bytes of a torn write that were cut off.</summary>
    public long TornBytes { get; private set; }

    public void Run()
    {
        var names = disk.List();
        List<string> unneeded = [.. StoreFiles.UnfinishedCheckpoints(names)];
        var checkpoints = StoreFiles.Checkpoints(names);
        if (checkpoints.Length > 0)
        {
            ReadCheckpoint(StoreFiles.Checkpoint(checkpoints[^1]));
        }

        var logs = StoreFiles.Logs(names);
        for (var i = 0; i < logs.Length; i++)
        {
            var isLast = i == logs.Length - 1;
            if (!isLast && logs[i + 1] <= state.Head)
            {
                unneeded.Add(StoreFiles.Log(logs[i])); // All of it is in the checkpoint.
                continue;
            }

            ReadLog(logs[i], isLast);
        }

        // A process that was killed may have left names that are not durable: neither commits to come nor deletions may rest on them.
        disk.SyncNames();
        unneeded.AddRange(checkpoints.SkipLast(1).Select(StoreFiles.Checkpoint));
        unneeded.ForEach(disk.Delete);
    }

    private void ReadCheckpoint(string name)
    {
        using var reader = new StoreFileReader(disk, name);
        var objects = new List<Envelope>();
        var head = ReadCheckpoint(reader, objects.AddRange, out var bytes);
        (Identity, CheckpointBytes) = (StoreCodec.Identity(head), bytes);
        state.Load(head.Revision, StoreCodec.Types(head.Types_), objects);
    }

    /// <summary>Reads a checkpoint, or a backup, to its end. It was whole when it got its name, so there is nothing to forgive.</summary>
    public static Head ReadCheckpoint(StoreFileReader reader, Action<IEnumerable<Envelope>> take, out long bytes)
    {
        try
        {
            var head = reader.ReadHead();
            _ = StoreCodec.Identity(head);
            var objects = 0L;
            for (var number = 1UL; ; number++)
            {
                if (!reader.TryRead(out var payload) || reader.Number != number)
                {
                    throw new FrameException("the checkpoint is not whole");
                }

                if (reader.Kind == FrameKind.End)
                {
                    bytes = reader.Offset + StoreFrames.HeadBytes + payload.Length;
                    return reader.Parse(End.Parser, payload).Objects == objects
                        ? head
                        : throw new FrameException("the number of objects is wrong");
                }

                var chunk = reader.Parse(Chunk.Parser, payload);
                objects += chunk.Objects.Count;
                take(StoreCodec.Objects(chunk));
            }
        }
        catch (Exception e) when (e is FrameException or FormatException)
        {
            throw reader.Corrupt(e.Message, e);
        }
    }

    private void ReadLog(long after, bool isLast)
    {
        var name = StoreFiles.Log(after);
        using var reader = new StoreFileReader(disk, name);
        try
        {
            CheckHead(reader.ReadHead(), after);
            while (reader.TryRead(out var payload))
            {
                if (reader.Kind != FrameKind.Batch || reader.Number != _batch + 1)
                {
                    throw reader.Corrupt($"batch {_batch + 1} was expected, {reader.Kind} {reader.Number} is there");
                }

                Replay(StoreCodec.Epochs(reader.Parse(Files.Batch.Parser, payload)), reader);
                _batch++;
            }

            _logs.Add((after, reader.Offset));
        }
        catch (FormatException e)
        {
            throw reader.Corrupt(e.Message, e);
        }
        catch (FrameException e)
        {
            // A later batch was written only after this one was synced, and the first one after the head was. Where there is one, this is damaged.
            if (!isLast || reader.HasFrameBehind(reader.Offset == 0 ? _batch + 1 : _batch + 2))
            {
                throw reader.Corrupt(e.Message, e);
            }

            CutOff(name, after, reader.Offset);
        }
    }

    private void CheckHead(Head head, long after)
    {
        var identity = StoreCodec.Identity(head);
        if (Identity is { } known && known != identity)
        {
            throw new FormatException($"the file is of another store or incarnation: {identity}, not {known}");
        }

        if (head.Revision != after || after > state.Head || (_logs.Count > 0 && head.Batch != _batch))
        {
            throw new FormatException($"the log after revision {head.Revision} does not follow on revision {state.Head}; a file is missing");
        }

        (Identity, _batch) = (identity, head.Batch);
    }

    private void Replay(IEnumerable<StoreEpoch> epochs, StoreFileReader reader)
    {
        foreach (var epoch in epochs.Where(epoch => epoch.Revision > state.Head))
        {
            if (epoch.Revision != state.Head + 1)
            {
                throw reader.Corrupt($"revision {state.Head + 1} was expected, {epoch.Revision} is there");
            }

            state.Replay(epoch);
            state.Show(epoch.Revision); // So that the history keeps its bounds while it is read.
        }
    }

    private void CutOff(string name, long after, long offset)
    {
        using var file = disk.OpenAppend(name);
        TornBytes = file.Length - offset;
        if (offset == 0)
        {
            // Torn as it was created: nothing was ever written to it.
            file.Dispose();
            disk.Delete(name);
            return;
        }

        file.Truncate(offset);
        file.Sync();
        _logs.Add((after, offset));
    }
}
