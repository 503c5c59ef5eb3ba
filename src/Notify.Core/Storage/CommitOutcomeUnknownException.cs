namespace Notify.Core.Storage;

/// <summary>
/// The store was given the transaction and did not say what became of it: it is absent, or whole, or may still become whole. Read what
/// it was to change, or commit it again with conditions.
/// </summary>
public sealed class CommitOutcomeUnknownException(string reason, Exception? innerException = null)
    : NotifyException($"The outcome of the commit is unknown: {reason}", innerException);
