namespace Notify.Storage.Embedded;

/// <summary>What a frame has. The numbers are those in the files.</summary>
internal enum FrameKind : byte
{
    /// <summary>What the file is; its first frame.</summary>
    Head = 1,

    /// <summary>Epochs that were made durable together.</summary>
    Batch = 2,

    /// <summary>Objects of a checkpoint.</summary>
    Chunk = 3,

    /// <summary>A checkpoint is whole.</summary>
    End = 4,
}
