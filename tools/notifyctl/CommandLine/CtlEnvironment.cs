using System.Text;

namespace Notify.Ctl.CommandLine;

/// <summary>What surrounds the program.</summary>
/// <param name="In">Standard input.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Variable">Reads an environment variable.</param>
internal sealed record CtlEnvironment(TextReader In, TextWriter Out, TextWriter Error, Func<string, string?> Variable)
{
    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>That of the process.</summary>
    public static CtlEnvironment OfProcess() => new(StandardInput(), Console.Out, Console.Error, Environment.GetEnvironmentVariable)
    {
        OutIsTerminal = !Console.IsOutputRedirected && !IsDumb,
        ErrorIsTerminal = !Console.IsErrorRedirected && !IsDumb,
    };

    // Objects are UTF-8 whatever the locale says.
    private static StreamReader StandardInput() => new(Console.OpenStandardInput(), Encoding.UTF8);

    private static bool IsDumb => Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
}
