using System.Globalization;
using System.Text.Json;

namespace Notify.Bench;

/// <summary>Collects figures, shows what is being measured, and prints all of them at the end.</summary>
internal sealed class Figures(bool json)
{
    private readonly List<(string What, double Value, string Unit)> _figures = [];

    public void Add(string what, double value, string unit)
    {
        _figures.Add((what, value, unit));
        if (!json)
            Console.WriteLine($"{what,-52} {Text(value),12} {unit}");
    }

    public void Print()
    {
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(_figures.Select(figure => new { figure.What, figure.Value, figure.Unit })));
    }

    private static string Text(double value) => value.ToString(value >= 100 ? "N0" : "0.0##", CultureInfo.InvariantCulture);
}
