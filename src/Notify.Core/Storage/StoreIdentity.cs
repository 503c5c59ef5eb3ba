using Notify.Core.Journal;

namespace Notify.Core.Storage;

/// <summary>
/// Names a store's revision space. Revisions compare only where both ids are equal: another <paramref name="Store"/> is other data,
/// another <paramref name="Incarnation"/> is the same data after its history may have changed (a restore), so mirrors sync again.
/// </summary>
/// <param name="Store">Random; made once, kept in the store for ever.</param>
/// <param name="Incarnation">Random; made anew by each restore from a backup.</param>
public readonly record struct StoreIdentity(Guid Store, Guid Incarnation)
{
    /// <summary>Makes a new identity from the caller's randomness, so that a simulation can repeat it.</summary>
    public static StoreIdentity Create(Random random) => new(NextId(random), NextId(random));

    /// <summary>The same store after a restore.</summary>
    public StoreIdentity NextIncarnation(Random random) => this with { Incarnation = NextId(random) };

    /// <summary>The revision space that mirrors of this store are in.</summary>
    public Space ToSpace() => new(Store.ToString("N"), Incarnation.ToString("N"));

    /// <summary>Both ids in hexadecimal.</summary>
    public override string ToString() => $"{Store:N}/{Incarnation:N}";

    private static Guid NextId(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
