using System.Collections.Immutable;

namespace Notify.Core.Journal;

/// <summary>All objects of one space at one revision. Immutable; read it without a lock.</summary>
/// <param name="Space">The space, or null while nothing is known of it.</param>
/// <param name="Revision">All of the space up to here is in it, within the node's interest.</param>
/// <param name="Sequence">The journal's commit that made it.</param>
/// <param name="Tables">Objects by type.</param>
internal sealed record SpaceSnapshot(Space? Space, long Revision, long Sequence, ImmutableDictionary<string, TypeTables> Tables)
{
    public static SpaceSnapshot Empty { get; } = new(null, 0, 0, ImmutableDictionary<string, TypeTables>.Empty);

    public TypeTables Table(string type) => Tables.GetValueOrDefault(type, TypeTables.Empty);
}
