using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Notify.Core.Sessions;

namespace Notify.Hosting;

/// <summary>To how many nodes everything is sent at the same time.</summary>
public sealed class FullSyncsOption : Option<int?>
{
    private const int Most = 1_000_000;

    private static readonly int s_byDefault = new HubOptions().FullSyncsMax;

    /// <summary>Creates the option.</summary>
    public FullSyncsOption()
        : base("--full-syncs") => (Description, HelpName, CustomParser) =
            (string.Create(CultureInfo.InvariantCulture, $"To how many nodes below everything is sent at a time; others wait for their turn. [default: {s_byDefault}]"), "NUMBER", Parse);

    /// <summary>The value, once parsing found no errors.</summary>
    public int Read(ParseResult parsed) => parsed.GetValue(this) ?? s_byDefault;

    private int? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= Most)
        {
            return number;
        }

        result.AddError($"{Name}: '{text}' is not a number from 1 to {Most}.");
        return null;
    }
}
