namespace Notify.Core.Storage;

/// <summary>A store that can be backed up while it is in use.</summary>
public interface IBackUpSource
{
    /// <summary>
    /// Takes the state as it is now. The pieces are made while they are enumerated, which can be done once and takes as long as it likes.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The store was closed.</exception>
    StoreBackUp BackUp();
}
