using System.Globalization;
using System.Text.RegularExpressions;

namespace Notify.Harness.World;

/// <summary>Reads the tz database's zone1970.tab, whose own header describes its columns.</summary>
internal static partial class Zone1970
{
    /// <summary>The places of the table, in its order.</summary>
    /// <exception cref="FormatException">A row is not one of the table; the message has its number.</exception>
    public static IReadOnlyList<Place> Read(IEnumerable<string> lines)
    {
        List<Place> places = [];
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (line.Length > 0 && line[0] != '#')
                places.Add(ReadRow(line) ?? throw new FormatException($"Line {number} is no row of zone1970.tab: {line}"));
        }

        return places;
    }

    private static Place? ReadRow(string line)
    {
        // The fourth column says which part of a country a zone is for. It is not needed here.
        var columns = line.Split('\t');
        if (columns.Length < 3 || columns[0].Length == 0 || !columns[2].Contains('/', StringComparison.Ordinal))
            return null;
        var match = Iso6709().Match(columns[1]);
        if (!match.Success)
            return null;
        return new Place(columns[0].Split(','), Degrees(match, "lat"), Degrees(match, "lon"), columns[2]);
    }

    private static double Degrees(Match match, string axis)
    {
        double Part(string name) =>
            match.Groups[axis + name] is { Success: true } part ? int.Parse(part.Value, CultureInfo.InvariantCulture) : 0;

        var degrees = Part("D") + (Part("M") / 60) + (Part("S") / 3600);
        return Math.Round(match.Groups[axis].Value == "-" ? -degrees : degrees, 5);
    }

    [GeneratedRegex(@"^(?<lat>[+-])(?<latD>\d{2})(?<latM>\d{2})(?<latS>\d{2})?(?<lon>[+-])(?<lonD>\d{3})(?<lonM>\d{2})(?<lonS>\d{2})?$")]
    private static partial Regex Iso6709();
}
