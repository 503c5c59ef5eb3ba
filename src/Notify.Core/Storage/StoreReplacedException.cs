namespace Notify.Core.Storage;

/// <summary>
/// A store that several processes share has got another identity while it was open: it was restored, or replaced. Its revisions do not compare
/// with those seen before, so nothing more is read from it. Open it again.
/// </summary>
public sealed class StoreReplacedException(StoreIdentity opened, string? found) : NotifyException(
    $"The store was opened as {opened} and now {(found is null ? "has no incarnation" : $"has incarnation '{found}'")}. Start this process again.")
{
    /// <summary>The identity that the store had.</summary>
    public StoreIdentity Opened { get; } = opened;
}
