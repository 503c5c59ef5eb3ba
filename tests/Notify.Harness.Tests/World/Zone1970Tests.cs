using Notify.Harness.World;

namespace Notify.Harness.Tests.World;

public sealed class Zone1970Tests
{
    [Theory]
    // Seconds given, minutes only, south, west, beyond 100 degrees; the figures are those of an atlas.
    [InlineData("America/New_York", 40.7142, -74.0064)]
    [InlineData("Asia/Tokyo", 35.6544, 139.7447)]
    [InlineData("Europe/Zurich", 47.3833, 8.5333)]
    [InlineData("Australia/Sydney", -33.8667, 151.2167)]
    [InlineData("America/Argentina/Buenos_Aires", -34.6, -58.45)]
    [InlineData("Antarctica/Troll", -72.0114, 2.5350)]
    public void Read_KnownPlace_HasItsCoordinates(string timeZone, double latitude, double longitude)
    {
        var place = Assert.Single(Samples.Places, p => p.TimeZone == timeZone);

        Assert.Equal(latitude, place.Latitude, 4);
        Assert.Equal(longitude, place.Longitude, 4);
    }

    [Fact]
    public void Read_WholeTable_EveryPlaceIsOnEarthAndHasANameOfItsOwn()
    {
        Assert.All(Samples.Places, p => Assert.True(p.Latitude is >= -90 and <= 90 && p.Longitude is >= -180 and <= 180, p.TimeZone));
        Assert.Equal(Samples.Places.Count, Samples.Places.Select(p => (p.Area, p.Name)).Distinct().Count());
        Assert.All(Samples.Places, p => Assert.NotEmpty(p.CountryCodes));
    }

    [Fact]
    public void Read_CommentsAndColumns_AreTakenApart()
    {
        var place = Assert.Single(Zone1970.Read(["# header", "", "CH,DE,LI\t+4723+00832\tEurope/Zurich\tBüsingen"]));

        Assert.Equal(["CH", "DE", "LI"], place.CountryCodes);
        Assert.Equal("Europe", place.Area);
        Assert.Equal("Zurich", place.Name);
    }

    [Theory]
    [InlineData("CH\t+4723+00832")]
    [InlineData("CH\t4723+00832\tEurope/Zurich")]
    [InlineData("CH\t+472+00832\tEurope/Zurich")]
    [InlineData("CH\t+4723+00832\tZurich")]
    [InlineData("\t+4723+00832\tEurope/Zurich")]
    public void Read_RowThatIsNone_SaysWhichLine(string row)
    {
        var error = Assert.Throws<FormatException>(() => Zone1970.Read(["# header", row]));

        Assert.StartsWith("Line 2 ", error.Message, StringComparison.Ordinal);
    }
}
