using System.Text;

namespace Notify.Ctl.CommandLine;

/// <summary>What surrounds the program.</summary>
/// <param name="In">Standard input.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Variable">Reads an environment variable.</param>
internal sealed record CtlEnvironment(TextReader In, TextWriter Out, TextWriter Error, Func<string, string?> Variable)
{
    public bool InIsTerminal { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Of the terminal, in characters.</summary>
    public Func<(int Width, int Height)> Size { get; init; } = () => (80, 24);

    /// <summary>That of the process.</summary>
    public static CtlEnvironment OfProcess() => new(StandardInput(), Console.Out, Console.Error, Environment.GetEnvironmentVariable)
    {
        Size = SizeOfConsole,
        InIsTerminal = !Console.IsInputRedirected,
        OutIsTerminal = !Console.IsOutputRedirected && !IsDumb,
        ErrorIsTerminal = !Console.IsErrorRedirected && !IsDumb,
    };

    // Objects are UTF-8 whatever the locale says.
    private static StreamReader StandardInput() => new(Console.OpenStandardInput(), Encoding.UTF8);

    // A terminal that does not tell its size says 0.
    private static (int Width, int Height) SizeOfConsole() => (Console.WindowWidth is > 0 and var width ? width : 80, Console.WindowHeight is > 0 and var height ? height : 24);

    private static bool IsDumb => Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
}
