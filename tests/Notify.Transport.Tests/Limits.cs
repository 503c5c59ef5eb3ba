namespace Notify.Transport.Tests;

/// <summary>Times of the tests.</summary>
internal static class Limits
{
    /// <summary>How long a test waits for what has to happen. Long, because machines are slow at times and nothing passes by waiting.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);
}
