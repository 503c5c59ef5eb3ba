using Notify.Edge;

namespace Notify.Dme;

/// <summary>Distances on earth.</summary>
internal static class GreatCircle
{
    // The mean radius of the earth (IUGG). Taking it for a ball is wrong by half a percent at most.
    private const double EarthRadiusKm = 6371.0088;

    /// <summary>The shortest way over the surface, in km. The haversine form is exact enough for short ways too.</summary>
    public static double DistanceKm(Location from, Location to)
    {
        var (latitude1, latitude2) = (double.DegreesToRadians(from.Latitude), double.DegreesToRadians(to.Latitude));
        var northSouth = Math.Sin((latitude2 - latitude1) / 2);
        var eastWest = Math.Sin(double.DegreesToRadians(to.Longitude - from.Longitude) / 2);
        var square = (northSouth * northSouth) + (Math.Cos(latitude1) * Math.Cos(latitude2) * eastWest * eastWest);
        return 2 * EarthRadiusKm * Math.Asin(Math.Min(1, Math.Sqrt(square)));
    }
}
