using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Notify.Hosting;

/// <summary>The options that every program has.</summary>
internal sealed class CommonOptions
{
    private readonly bool _hasUpstream;
    private readonly Option<string> _name;
    private readonly Option<HostPort> _listen;
    private readonly Option<HostPort[]> _upstreams;
    private readonly Option<LogFormat> _log;
    private readonly SecondsOption _heartbeatTimeout;

    /// <param name="hasUpstream">The program connects to other nodes; one that does not refuses <c>--upstream</c> and says why.</param>
    /// <param name="listen">The default of <c>--listen</c>.</param>
    /// <param name="validateName">Adds errors about <c>--name</c>.</param>
    public CommonOptions(bool hasUpstream, HostPort listen, Action<OptionResult> validateName)
    {
        _hasUpstream = hasUpstream;
        _name = new("--name") { Description = "Name of this node, unique in the tree.", HelpName = "NAME", Required = true, CustomParser = ParseName };
        _name.Validators.Add(validateName);
        _listen = new("--listen")
        {
            Description = "Where to serve gRPC: an IP address or localhost, and a port. Port 0 takes a free one.",
            HelpName = "HOST:PORT",
            DefaultValueFactory = _ => listen,
            CustomParser = ParseListen,
        };
        _upstreams = new("--upstream")
        {
            Description = "A node to connect to. Give it again for more: one of them is used at a time.",
            HelpName = "HOST:PORT",
            Required = hasUpstream,
            Hidden = !hasUpstream,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = ParseUpstreams,
        };
        _log = new("--log")
        {
            Description = "How to log to standard error: text or json. [default: text]",
            HelpName = "FORMAT",
            CustomParser = ParseLog,
        };
        _heartbeatTimeout = new(
            "--heartbeat-timeout", "Silence after which a peer is given up.", TimeSpan.FromSeconds(15), least: TimeSpan.FromSeconds(0.3));
    }

    /// <summary>The options, for the command.</summary>
    public IEnumerable<Option> All => [_name, _listen, _upstreams, _log, _heartbeatTimeout];

    /// <summary>Their values, once parsing found no errors.</summary>
    public NodeOptions Read(ParseResult parsed) => new()
    {
        Name = parsed.GetRequiredValue(_name),
        Listen = parsed.GetRequiredValue(_listen),
        Upstreams = parsed.GetValue(_upstreams) ?? [],
        Log = parsed.GetValue(_log),
        HeartbeatTimeout = _heartbeatTimeout.Read(parsed),
    };

    private static string ParseName(ArgumentResult result)
    {
        var name = result.Tokens[0].Value;
        if (name.Length is 0 or > 256 || name.Any(char.IsControl))
        {
            result.AddError("--name: a name has 1 to 256 printable characters.");
        }

        return name;
    }

    private static HostPort? ParseListen(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!HostPort.TryParse(text, out var endpoint))
        {
            result.AddError($"--listen: '{text}' is not HOST:PORT, for example 127.0.0.1:7000.");
        }
        else if (endpoint.ListenAddress is null)
        {
            result.AddError($"--listen: '{endpoint.Host}' is neither an IP address nor localhost; 0.0.0.0 listens on all addresses.");
        }

        return endpoint;
    }

    private static LogFormat ParseLog(ArgumentResult result)
    {
        switch (result.Tokens[0].Value)
        {
            case "text":
                return LogFormat.Text;
            case "json":
                return LogFormat.Json;
            default:
                result.AddError($"--log: '{result.Tokens[0].Value}' is neither text nor json.");
                return default;
        }
    }

    private HostPort[] ParseUpstreams(ArgumentResult result)
    {
        if (!_hasUpstream)
        {
            result.AddError("--upstream: a controller is the top of its tree and connects to no other node.");
            return [];
        }

        List<HostPort> endpoints = [];
        foreach (var token in result.Tokens)
        {
            if (!HostPort.TryParse(token.Value, out var endpoint) || endpoint.Port == 0)
            {
                result.AddError($"--upstream: '{token.Value}' is not HOST:PORT, for example controller-1:7000.");
            }
            else if (endpoints.Contains(endpoint))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"--upstream: {endpoint} is given twice."));
            }
            else
            {
                endpoints.Add(endpoint);
            }
        }

        return [.. endpoints];
    }
}
