using System.CommandLine;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;

namespace Notify.Ctl.Commands;

/// <summary><c>request TYPE</c>: sends a message to a node and shows what it answers.</summary>
internal static class RequestCommand
{
    private const string Notes = """
        The reply is printed as YAML, with --json as JSON. With --after the node holds the message until it has applied that revision, for half a minute at
        most; give the reply time with --timeout. Exit codes: 3 no such node is connected, 5 no reply in time. exec and debug read better for what
        they ask.
        """;

    public static Command Create(CtlHost host)
    {
        var (type, message, node, after) = (MessageArguments.Type(), MessageArguments.Message(), MessageArguments.Node(), MessageArguments.After());
        node.Required = true;
        CtlCommand command = new("request", "Send a message to a node and show its reply.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl request DebugRequest '{\"command\": \"version\"}' --node crm-zurich",
                "notifyctl request ExecRequest '{\"command\": \"list\"}' --node crm-zurich --after 1207 --timeout 30s --json",
            ],
            Arguments = { type, message },
            Options = { node, after },
        };
        return host.Bind(command, async (context, parsed, cancellationToken) =>
        {
            var payload = MessageArguments.Read(context, parsed.GetRequiredValue(type), parsed.GetValue(message));
            var reply = await NodeMessages.SendAsync(context, parsed.GetRequiredValue(node)!, payload, parsed.GetValue(after), cancellationToken);
            var read = MessageArguments.Unpack(reply) ?? throw new CtlException(ExitCode.Failed, $"the reply is a {reply.TypeUrl}, which this program does not know.");
            var json = context.Text.ToJson(read, plainNumbers: context.Format != OutputFormat.Json);
            if (context.Format == OutputFormat.Json)
                context.Out.Line(ObjectText.ToText(json, indented: true));
            else
                new YamlWriter(context.Out.Writer).Write(json);
            return ExitCode.Ok;
        });
    }
}
