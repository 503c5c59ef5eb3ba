namespace Notify.Core.Sessions;

/// <summary>How a node waits between attempts to reach an upstream. Times are milliseconds.</summary>
public sealed record UpstreamPolicyOptions
{
    /// <summary>The first wait is a random part of this. The default value is 200.</summary>
    public int BackoffMinMs { get; init; } = 200;

    /// <summary>No wait is longer. The default value is 10000.</summary>
    public int BackoffMaxMs { get; init; } = 10_000;

    /// <summary>What is wrong with these options, where they are called <paramref name="path"/>.</summary>
    internal IReadOnlyList<string> Problems(string path)
    {
        OptionsProblems problems = new(path);
        problems.AtLeast(1, BackoffMinMs);
        problems.AtMost(BackoffMaxMs, BackoffMinMs);
        return problems;
    }
}
