using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Notify.Hosting;

/// <summary>An option with a time in seconds, fractions allowed.</summary>
public sealed class SecondsOption : Option<TimeSpan?>
{
    private static readonly TimeSpan Most = TimeSpan.FromHours(24);

    private readonly TimeSpan _byDefault;
    private readonly TimeSpan _least;

    /// <summary>Creates the option.</summary>
    /// <param name="name">The option, with its dashes.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="byDefault">Its value where it is not given.</param>
    /// <param name="least">The least value; the most is a day.</param>
    public SecondsOption(string name, string description, TimeSpan byDefault, TimeSpan least)
        : base(name)
    {
        (_byDefault, _least) = (byDefault, least);
        (Description, HelpName, CustomParser) = ($"{description} [default: {Text(byDefault)}]", "SECONDS", ParseSeconds);
    }

    /// <summary>The value, once parsing found no errors.</summary>
    public TimeSpan Read(ParseResult parsed) => parsed.GetValue(this) ?? _byDefault;

    private static string Text(TimeSpan time) => time.TotalSeconds.ToString(CultureInfo.InvariantCulture);

    private TimeSpan? ParseSeconds(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= _least.TotalSeconds && seconds <= Most.TotalSeconds)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        result.AddError($"{Name}: '{text}' is not a number of seconds from {Text(_least)} to {Text(Most)}.");
        return null;
    }
}
