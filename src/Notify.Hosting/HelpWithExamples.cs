using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Notify.Hosting;

/// <summary>The usual help, then examples.</summary>
internal sealed class HelpWithExamples(HelpAction usual, IReadOnlyList<string> examples) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in examples)
        {
            output.WriteLine("  " + example);
        }

        return 0;
    }
}
