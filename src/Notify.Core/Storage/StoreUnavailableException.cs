namespace Notify.Core.Storage;

/// <summary>The store cannot be reached, is closing or refuses. What was asked did not happen; try again later.</summary>
public sealed class StoreUnavailableException(string reason, Exception? innerException = null)
    : NotifyException($"The store is not available: {reason}", innerException)
{
    /// <summary>The store answers, and will say the same again until somebody corrects something: a password, a permission, a certificate, an address.</summary>
    public bool IsRefused { get; init; }
}
