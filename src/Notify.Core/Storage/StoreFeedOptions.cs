namespace Notify.Core.Storage;

/// <summary>Options of <see cref="StoreFeed"/>.</summary>
public sealed record StoreFeedOptions
{
    /// <summary>
    /// How many revisions behind the head the mirror starts, so that the watch brings the deletes since then and nodes that were away can
    /// resume. The default value is 10,000.
    /// </summary>
    public long Horizon { get; init; } = 10_000;

    /// <summary>Pause before a store that was not available is tried again. The default value is one second.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with these options, where they are called <paramref name="path"/>.</summary>
    internal IReadOnlyList<string> Problems(string path)
    {
        OptionsProblems problems = new(path);
        problems.AtLeast(0, Horizon);
        if (RetryDelay <= TimeSpan.Zero)
        {
            problems.Add($"{path}.RetryDelay is {RetryDelay}; it must be above zero.");
        }

        return problems;
    }
}
