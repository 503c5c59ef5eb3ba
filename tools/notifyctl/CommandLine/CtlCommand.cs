using System.CommandLine;

namespace Notify.Ctl.CommandLine;

/// <summary>A command whose help ends with notes and examples.</summary>
internal sealed class CtlCommand(string name, string description) : Command(name, description)
{
    /// <summary>What there is to know beyond the options, in lines.</summary>
    public string Notes { get; init; } = "";

    /// <summary>The exit code where another command ends with <see cref="ExitCode.Failed"/>.</summary>
    public ExitCode FailureCode { get; init; } = ExitCode.Failed;

    /// <summary>Another program runs in the terminal meanwhile, and Ctrl-C is for that one.</summary>
    public bool LendsTerminal { get; init; }

    /// <summary>Each a command line, and after <c>#</c> what it does.</summary>
    public required IReadOnlyList<string> Examples { get; init; }
}
