namespace Notify.Core.Storage;

/// <summary>The store cannot be reached or is closing. What was asked did not happen; try again later.</summary>
public sealed class StoreUnavailableException(string reason, Exception? innerException = null)
    : NotifyException($"The store is not available: {reason}", innerException);
