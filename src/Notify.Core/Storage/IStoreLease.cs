namespace Notify.Core.Storage;

/// <summary>
/// Keeps one object in a store for as long as this process lives. Disposing of it deletes the object at once. Thread safe.
/// </summary>
public interface IStoreLease : IAsyncDisposable
{
    /// <summary>Completes when the store has let go of the object although this process lives: it could not renew in time. Never fails.</summary>
    Task Lost { get; }
}
