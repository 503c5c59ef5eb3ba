using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Selecting;

namespace Notify.Ctl.Commands;

/// <summary><c>send TYPE</c>: sends a message to a node or a scope, and waits for nothing.</summary>
internal static class SendCommand
{
    private const string Notes = """
        A message is delivered at most once: that it was sent does not mean that it has arrived. With --after a node holds it until it has applied that
        revision, for half a minute at most. MESSAGE is the message as JSON.
        """;

    public static Command Create(CtlHost host)
    {
        var (type, message, node, after) = (MessageArguments.Type(), MessageArguments.Message(), MessageArguments.Node(), MessageArguments.After());
        Option<string?> scope = new("--scope")
        {
            Description = "To every node that is interested in this scope: the key of a cloudlet, written like any KEY.",
            HelpName = "KEY",
        };
        CtlCommand command = new("send", "Send a message to a node, or to all that are interested in a scope.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl send ExecRequest '{\"command\": \"help\"}' --node crm-zurich",
                "notifyctl send DebugRequest '{\"command\": \"counters\"}' --scope Europe/Zurich --after 1207",
            ],
            Arguments = { type, message },
            Options = { node, scope, after },
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(node) is null == result.GetValue(scope) is null)
                result.AddError("Give one of --node and --scope.");
        });
        return host.Bind(command, (context, parsed, cancellationToken) =>
        {
            SendMessageRequest request = new()
            {
                Node = parsed.GetValue(node) ?? "",
                Payload = Any.Pack(MessageArguments.Read(context, parsed.GetRequiredValue(type), parsed.GetValue(message))),
                Timeout = new Duration(),
                AfterRevision = parsed.GetValue(after),
                Scope = parsed.GetValue(scope) is { } key ? Selection.Of([], key, null, null, context.Types).Filter.Scope : null,
            };
            return RunAsync(context, request, cancellationToken);
        });
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, SendMessageRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await context.Node.CallAsync(MessagesMethods.Send, request, cancellationToken);
            context.Error.Line("sent");
            return ExitCode.Ok;
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.NotFound)
        {
            throw new CtlException(ExitCode.NotFound, e.Status.Detail, "notifyctl nodes shows those that are connected.");
        }
    }
}
