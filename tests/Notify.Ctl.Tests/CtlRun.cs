using Notify.Ctl.CommandLine;

namespace Notify.Ctl.Tests;

/// <summary>One run of the program, in this process.</summary>
internal sealed record CtlRun(ExitCode Code, string Out, string Error)
{
    public static Task<CtlRun> StartAsync(params string[] arguments) => StartAsync(arguments, "");

    /// <param name="arguments">The command line.</param>
    /// <param name="input">Standard input.</param>
    /// <param name="isTerminal">Standard output and error are a terminal.</param>
    /// <param name="variables">The environment.</param>
    public static async Task<CtlRun> StartAsync(
        string[] arguments, string input, bool isTerminal = false, Dictionary<string, string>? variables = null)
    {
        using StringWriter output = new() { NewLine = "\n" };
        using StringWriter error = new() { NewLine = "\n" };
        using StringReader reader = new(input);
        CtlEnvironment environment = new(reader, output, error, name => variables?.GetValueOrDefault(name))
        {
            OutIsTerminal = isTerminal,
            ErrorIsTerminal = isTerminal,
        };
        var code = await NotifyCtl.RunAsync(arguments, environment, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        return new CtlRun((ExitCode)code, output.ToString(), error.ToString());
    }
}
