using Notify.Core;

namespace Notify.Storage.Embedded;

/// <summary>A file was written by a newer program.</summary>
public sealed class StoreFormatException(string file, uint format, uint known) : NotifyException(
    $"{file} has format {format}; this program knows formats up to {known}. Use the newer program that wrote it, or restore a backup into an empty folder.")
{
    /// <summary>Full name of the file.</summary>
    public string File { get; } = file;

    /// <summary>Its format.</summary>
    public uint Format { get; } = format;
}
