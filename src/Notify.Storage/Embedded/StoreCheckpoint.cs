using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Storage.Embedded.Files;

namespace Notify.Storage.Embedded;

/// <summary>Writes the whole state as of a revision.</summary>
internal static class StoreCheckpoint
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>The frames of a checkpoint, made one by one, each with the number of objects up to its end.</summary>
    public static IEnumerable<(ReadOnlyMemory<byte> Bytes, long Objects)> Frames(StoreIdentity identity, StoreCopy copy)
    {
        yield return (StoreFrames.Encode(FrameKind.Head, 0, StoreCodec.Head(identity, copy.Revision, types: copy.Types)), 0);
        var written = 0L;
        var number = 0UL;
        var chunk = new List<Envelope>();
        var bytes = 0L;
        foreach (var envelope in copy.Objects)
        {
            chunk.Add(envelope);
            bytes += StoreLimits.SizeOf(StoreChange.Put(envelope));
            if (bytes >= ChunkBytes)
            {
                yield return (StoreFrames.Encode(FrameKind.Chunk, ++number, StoreCodec.Chunk(chunk)), written += chunk.Count);
                chunk.Clear();
                bytes = 0;
            }
        }

        if (chunk.Count > 0)
        {
            yield return (StoreFrames.Encode(FrameKind.Chunk, ++number, StoreCodec.Chunk(chunk)), written += chunk.Count);
        }

        yield return (StoreFrames.Encode(FrameKind.End, ++number, new End { Objects = written }), written);
    }

    /// <summary>Writes a checkpoint; it gets its name only when all of it is on stable storage. Returns its bytes.</summary>
    public static long Write(IDisk disk, StoreIdentity identity, StoreCopy copy) => Write(disk, copy.Revision, Frames(identity, copy));

    /// <summary>Makes a folder a store: the state of a backup under a new incarnation.</summary>
    public static (StoreIdentity Identity, long Revision) Restore(Stream backup, IDisk disk, Random random)
    {
        using var reader = new StoreFileReader(backup, "the backup");
        var objects = new List<Envelope>();
        var head = StoreRecovery.ReadCheckpoint(reader, objects.AddRange, out _);
        var identity = StoreCodec.Identity(head).NextIncarnation(random);
        Write(disk, identity, new StoreCopy(head.Revision, StoreCodec.Types(head.Types_), objects));
        return (identity, head.Revision);
    }

    private static long Write(IDisk disk, long revision, IEnumerable<(ReadOnlyMemory<byte> Bytes, long Objects)> frames)
    {
        var name = StoreFiles.Checkpoint(revision);
        try
        {
            long bytes;
            using (var file = disk.Create(name + StoreFiles.Unfinished))
            {
                foreach (var (frame, _) in frames)
                {
                    file.Append(frame.Span);
                }

                file.Sync();
                bytes = file.Length;
            }

            disk.Rename(name + StoreFiles.Unfinished, name);
            disk.SyncNames();
            return bytes;
        }
        catch (IOException)
        {
            disk.Delete(name + StoreFiles.Unfinished); // It may be what fills the disk.
            throw;
        }
    }
}
