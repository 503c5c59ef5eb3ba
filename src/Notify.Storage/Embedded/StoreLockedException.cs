using Notify.Core;

namespace Notify.Storage.Embedded;

/// <summary>Another process has the store's folder.</summary>
public sealed class StoreLockedException(string directory, Exception? innerException = null) : NotifyException(
    $"{directory} is in use by another controller. Stop that one, or give this one a folder of its own.", innerException)
{
    /// <summary>The folder.</summary>
    public string Directory { get; } = directory;
}
