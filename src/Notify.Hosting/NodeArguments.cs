using System.CommandLine;
using System.Globalization;

namespace Notify.Hosting;

/// <summary>Kinds of options that several programs have.</summary>
public static class NodeArguments
{
    /// <summary>The longest time that an option takes.</summary>
    public static readonly TimeSpan SecondsMax = TimeSpan.FromHours(24);

    /// <summary>An option with a time in seconds, fractions allowed.</summary>
    /// <param name="name">The option, with its dashes.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="byDefault">Its value where it is not given.</param>
    /// <param name="least">The least value.</param>
    public static Option<TimeSpan> Seconds(string name, string description, TimeSpan byDefault, TimeSpan least) => new(name)
    {
        Description = $"{description} In seconds; by default {Text(byDefault)}.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
                && seconds >= least.TotalSeconds && seconds <= SecondsMax.TotalSeconds)
            {
                return TimeSpan.FromSeconds(seconds);
            }

            result.AddError($"{name}: '{text}' is not a number of seconds from {Text(least)} to {Text(SecondsMax)}.");
            return byDefault;
        },
    };

    private static string Text(TimeSpan time) => time.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}
