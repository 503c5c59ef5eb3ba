using System.CommandLine.Parsing;

namespace Notify.Ctl.Commands;

/// <summary>What holds for every file and folder that a command line names.</summary>
internal static class PathArguments
{
    /// <summary>Refuses an empty name, which scripts make of a variable that is not set.</summary>
    public static void NotEmpty(SymbolResult result)
    {
        if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
        {
            result.AddError(result switch
            {
                OptionResult { Option.Name: "--file" } => "--file is empty: name a file or a folder.",
                OptionResult { Option.Name: var name } => $"{name} is empty: name a folder.",
                ArgumentResult { Argument.Name: var name } => $"{name} is empty: name a file.",
                _ => "A name is empty.",
            });
        }
    }
}
