using System.CommandLine;
using System.CommandLine.Parsing;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;

namespace Notify.Ctl.CommandLine;

/// <summary>Options that every command takes. All that is wrong with them is reported at once, by parsing.</summary>
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

    public GlobalOptions()
    {
        _address.Validators.Add(Check(_address, text => NodeAddress.Parse(text, "--address")));
        _timeout.Validators.Add(Check(_timeout, text => Durations.Parse(text, "--timeout")));
        _output.Validators.Add(Check(_output, text => FormatOf(text)));
        _output.Validators.Add(result =>
        {
            if (result.GetValue(_json) && result.GetValue(_output) is { } text and not "json")
                result.AddError($"--json and -o {text} contradict each other; give one of them.");
        });
    }

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

    public OutputFormat Format(ParseResult parsed) => parsed.GetValue(_json) ? OutputFormat.Json : FormatOf(parsed.GetValue(_output) ?? "table");

    private static OutputFormat FormatOf(string text) => text switch
    {
        "json" => OutputFormat.Json,
        "yaml" => OutputFormat.Yaml,
        "table" => OutputFormat.Table,
        _ => throw new CtlException(ExitCode.Usage, $"there is no output '{text}' (-o){Nearest.Question(text, Formats)}", "Write -o table, -o yaml or -o json."),
    };

    /// <summary>A validator of what a reader of the option's text refuses.</summary>
    private static Action<OptionResult> Check(Option<string?> option, Action<string> read) => result =>
    {
        if (result.GetValue(option) is not { } text)
            return;
        try
        {
            read(text);
        }
        catch (CtlException e)
        {
            result.AddError($"{e.Message.TrimEnd('.')}{(e.Message.EndsWith('?') ? "" : ".")} {e.Remedy}".TrimEnd());
        }
    };
}
