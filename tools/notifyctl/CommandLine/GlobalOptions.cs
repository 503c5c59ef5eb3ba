using System.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;

namespace Notify.Ctl.CommandLine;

/// <summary>Options that every command takes.</summary>
internal sealed class GlobalOptions
{
    private static readonly string[] Formats = ["table", "yaml", "json"];

    private readonly Option<string?> _address = new("--address", "-a")
    {
        Description = $"The node to talk to; any node will do. Default: ${NodeAddress.Variable}, else {NodeAddress.Default}.",
        HelpName = "HOST:PORT",
        Recursive = true,
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "How to print. Default: table.",
        HelpName = string.Join('|', Formats),
        Recursive = true,
        CompletionSources = { Formats },
    };

    private readonly Option<bool> _json = new("--json") { Description = "The same as -o json.", Recursive = true };

    private readonly Option<string?> _timeout = new("--timeout")
    {
        Description = "How long each call to the node may take, for instance 500ms, 10s or 2m. Default: 10s.",
        HelpName = "TIME",
        Recursive = true,
    };

    public void AddTo(Command root)
    {
        root.Options.Add(_address);
        root.Options.Add(_output);
        root.Options.Add(_json);
        root.Options.Add(_timeout);
    }

    public Uri Address(ParseResult parsed, Func<string, string?> variable)
    {
        if (parsed.GetValue(_address) is { } given)
            return NodeAddress.Parse(given, "--address");
        return variable(NodeAddress.Variable) is { Length: > 0 } fallback
            ? NodeAddress.Parse(fallback, "$" + NodeAddress.Variable)
            : NodeAddress.Parse(NodeAddress.Default, "default");
    }

    public TimeSpan Timeout(ParseResult parsed) => Durations.Parse(parsed.GetValue(_timeout) ?? "10s", "--timeout");

    public OutputFormat Format(ParseResult parsed)
    {
        var text = parsed.GetValue(_output);
        var isJson = parsed.GetValue(_json);
        return text switch
        {
            null => isJson ? OutputFormat.Json : OutputFormat.Table,
            "json" => OutputFormat.Json,
            _ when isJson => throw new CtlException(ExitCode.Usage, $"--json and -o {text} contradict each other; give one of them."),
            "yaml" => OutputFormat.Yaml,
            "table" => OutputFormat.Table,
            _ => throw new CtlException(ExitCode.Usage, $"there is no output '{text}' (-o){Nearest.Question(text, Formats)}", "Write -o table, -o yaml or -o json."),
        };
    }
}
