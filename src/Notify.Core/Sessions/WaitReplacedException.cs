namespace Notify.Core.Sessions;

/// <summary>The store was restored or replaced during a wait: the revision that was waited for is not one of it.</summary>
public sealed class WaitReplacedException(long revision)
    : NotifyException($"The store has another incarnation since the wait for revision {revision} began: its revisions are others. Wait for one of those.")
{
    /// <summary>The revision that was waited for.</summary>
    public long Revision { get; } = revision;
}
