using Notify.Core;

namespace Notify.Storage.Embedded;

/// <summary>A file of the store is not what was written. Nothing was changed: the files can be examined and copied.</summary>
public sealed class StoreCorruptException(string file, long offset, string reason, Exception? innerException = null) : NotifyException(
    $"{file} is damaged at offset {offset}: {reason}. Acknowledged commits may be lost, so the store does not open. Restore a backup into an empty folder, or copy the folder and ask for help.",
    innerException)
{
    /// <summary>Full name of the file.</summary>
    public string File { get; } = file;

    /// <summary>Where in the file, in bytes.</summary>
    public long Offset { get; } = offset;

    /// <summary>What is wrong there.</summary>
    public string Reason { get; } = reason;
}
