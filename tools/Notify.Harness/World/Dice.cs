namespace Notify.Harness.World;

/// <summary>
/// Numbers that look random and depend on a name only (FNV-1a seeds SplitMix64), so that the world is the same on every machine
/// and runtime, and a place added to the table changes nothing about the others. Not thread-safe.
/// </summary>
internal sealed class Dice
{
    private ulong state = 14695981039346656037;

    public Dice(string name)
    {
        foreach (var c in name)
            state = (state ^ c) * 1099511628211;
    }

    /// <summary>The next number from 0 up to, not including, <paramref name="sides"/>.</summary>
    public int Roll(int sides)
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)((z ^ (z >> 31)) % (ulong)sides);
    }

    /// <summary>True in <paramref name="percent"/> of a hundred cases.</summary>
    public bool Chance(int percent) => Roll(100) < percent;
}
