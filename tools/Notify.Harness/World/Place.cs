namespace Notify.Harness.World;

/// <summary>A row of zone1970.tab: the principal place of a zone of civil time.</summary>
/// <param name="CountryCodes">ISO 3166 codes of the countries that overlap the zone, the most populous one first.</param>
/// <param name="Latitude">Degrees north, rounded to five digits (about a metre; the table is good to a second of arc, 30 m).</param>
/// <param name="Longitude">Degrees east, rounded likewise.</param>
/// <param name="TimeZone">Name of the zone, for example <c>America/Argentina/Buenos_Aires</c>.</param>
internal sealed record Place(IReadOnlyList<string> CountryCodes, double Latitude, double Longitude, string TimeZone)
{
    /// <summary>The part of the world that the zone is filed under, for example <c>America</c>.</summary>
    public string Area => TimeZone[..TimeZone.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>
    /// The rest of the zone's name, with hyphens for slashes and underscores (<c>Argentina-Buenos-Aires</c>), so that it can stand
    /// in a path.
    /// </summary>
    public string Name => TimeZone[(Area.Length + 1)..].Replace('/', '-').Replace('_', '-');
}
