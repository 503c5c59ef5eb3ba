namespace Notify.Core.Storage;

/// <summary>Options of <see cref="SharedPublisher"/>.</summary>
public sealed record SharedPublisherOptions
{
    /// <summary>
    /// How long after a controller has vanished it speaks for its nodes no more. A store that is away for less flushes nothing. The default value
    /// is 15 seconds.
    /// </summary>
    public TimeSpan LeaseTtl { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long nodes that nobody speaks for have, beyond the grace period, to be taken over by another controller before what they own is flushed.
    /// The default value is 2 seconds.
    /// </summary>
    public TimeSpan TakeoverTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Pause before a store that was not available is tried again. The default value is one second.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with these options, where they are called <paramref name="path"/>.</summary>
    internal IReadOnlyList<string> Problems(string path)
    {
        OptionsProblems problems = new(path);
        AboveZero(LeaseTtl, nameof(LeaseTtl));
        AboveZero(RetryDelay, nameof(RetryDelay));
        if (TakeoverTime < TimeSpan.Zero)
        {
            problems.Add($"{path}.{nameof(TakeoverTime)} is {TakeoverTime}; it must not be below zero.");
        }

        return problems;

        void AboveZero(TimeSpan value, string name)
        {
            if (value <= TimeSpan.Zero)
            {
                problems.Add($"{path}.{name} is {value}; it must be above zero.");
            }
        }
    }
}
