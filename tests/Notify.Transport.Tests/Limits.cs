namespace Notify.Transport.Tests;

/// <summary>Times of the tests.</summary>
internal static class Limits
{
    /// <summary>How long a test waits for what has to happen. Long, because machines are slow at times and nothing passes by waiting.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// What has made no progress for so long makes none: that something does not happen is no state that anybody could tell of. Far above what a busy
    /// machine takes, for a slow one that is taken for a stalled one fails its test.
    /// </summary>
    public static TimeSpan Stall { get; } = TimeSpan.FromSeconds(2);
}
