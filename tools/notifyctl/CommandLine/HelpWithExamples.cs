using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Notify.Ctl.CommandLine;

/// <summary>The usual help, then notes and examples.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    /// <summary>Of the program itself.</summary>
    public required (string Notes, IReadOnlyList<string> Examples) Root { get; init; }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var (notes, examples) = parseResult.CommandResult.Command is CtlCommand command ? (command.Notes, command.Examples) : Root;
        if (notes.Length > 0)
            output.WriteLine(notes.TrimEnd() + "\n");
        output.WriteLine("Examples:");
        foreach (var example in examples)
            output.WriteLine("  " + example);
        return 0;
    }
}
