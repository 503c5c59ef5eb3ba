namespace Notify.Simulation;

/// <summary>Numbers that follow from a seed on every machine and runtime (SplitMix64).</summary>
internal sealed class SimRandom(long seed)
{
    private ulong _state = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL) + 0x632BE59BD9B4E019UL;

    /// <summary>From 0 to below <paramref name="below"/>.</summary>
    public int Next(int below) => (int)(((NextBits() >> 32) * (ulong)below) >> 32);

    /// <summary>From <paramref name="from"/> to below <paramref name="below"/>.</summary>
    public int Next(int from, int below) => from + Next(below - from);

    public int NextTie() => (int)(NextBits() >> 33);

    public bool Chance(int percent) => Next(100) < percent;

    /// <summary>From 0 to below 1.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    public T Pick<T>(IReadOnlyList<T> from) => from[Next(from.Count)];

    /// <summary>Numbers of their own, so that what one part draws does not move the others.</summary>
    public SimRandom Fork() => new((long)NextBits());

    private ulong NextBits()
    {
        var bits = _state += 0x9E3779B97F4A7C15UL;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9UL;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBUL;
        return bits ^ (bits >> 31);
    }
}
