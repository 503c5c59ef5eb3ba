using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Types;
using Notify.Edge;

namespace Notify.Ctl.Commands;

/// <summary><c>exec NODE -- COMMAND</c>: has a node run one of its commands.</summary>
internal static class ExecCommand
{
    private const string Notes = """
        The node at --address passes the request on to NODE, which is connected below it, and the reply back. There is no shell: NODE runs
        one of the commands built into it; 'help' lists them. The exit code is 0 when the command succeeded, 1 when it failed (the command's
        own exit code is in the error text, and in -o json), 3 when no NODE is connected, 5 when it did not reply in time (--timeout).
        """;

    public static Command Create(CtlHost host)
    {
        Argument<string> node = new("NODE") { Description = "Name of the node that is to run the command." };
        Argument<string[]> words = new("COMMAND") { Description = "The command and its arguments.", Arity = ArgumentArity.OneOrMore };
        Option<string?> appInst = new("--app-inst") { Description = "The AppInst that the command is about.", HelpName = "KEY" };
        CtlCommand command = new("exec", "Run a command at a cloudlet's resource manager.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl exec crm-zurich -- help",
                "notifyctl exec crm-zurich --timeout 30s --json -- echo hello world",
                "notifyctl exec crm-zurich --app-inst harbor-maps/tiles-europe-zurich -- logs",
            ],
            Arguments = { node, words },
            Options = { appInst },
        };
        return host.Bind(command, (context, parsed, cancellationToken) =>
            RunAsync(context, parsed.GetRequiredValue(node), parsed.GetRequiredValue(words), parsed.GetValue(appInst), cancellationToken));
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string node, string[] words, string? appInst, CancellationToken cancellationToken)
    {
        ExecRequest request = new() { Id = Guid.NewGuid().ToString("N"), Command = words[0], Timeout = Duration.FromTimeSpan(context.Node.Timeout) };
        request.Arguments.AddRange(words[1..]);
        if (appInst is not null)
            request.AppInstKey = (AppInstKey)new KeyText(AppInstKey.Descriptor).Parse(appInst, "AppInst", context.Types.Registry);
        var reply = await SendAsync(context, node, request, cancellationToken);
        if (context.Format == OutputFormat.Table)
        {
            context.Out.Writer.Write(reply.Output);
            if (reply.Output.Length > 0 && !reply.Output.EndsWith('\n'))
                context.Out.Line();
        }
        else
        {
            context.WriteValue(ToJson(reply));
        }
        return reply.ExitCode == 0
            ? ExitCode.Ok
            : throw new CtlException(ExitCode.Failed, $"'{request.Command}' failed at {node} with exit code {reply.ExitCode}{(reply.Error.Length > 0 ? ": " + reply.Error : ".")}");
    }

    private static async Task<ExecReply> SendAsync(CommandContext context, string node, ExecRequest request, CancellationToken cancellationToken)
    {
        SendMessageRequest message = new() { Node = node, Payload = Any.Pack(request), Timeout = request.Timeout };
        try
        {
            var response = await context.Node.CallAsync(MessagesMethods.Send, message, cancellationToken);
            return response.Reply is { } packed && packed.TryUnpack(out ExecReply reply)
                ? reply
                : throw new CtlException(ExitCode.Failed, $"{node} replied with {(response.Reply is null ? "nothing" : response.Reply.TypeUrl)}, not with an ExecReply.");
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.NotFound)
        {
            throw new CtlException(ExitCode.NotFound, $"no node '{node}' is connected below {context.Node.Address}.", "notifyctl nodes shows those that are.");
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.DeadlineExceeded)
        {
            throw new CtlException(
                ExitCode.Unreachable, $"no reply of {node} within {Durations.Format(context.Node.Timeout)}; it may have got the request.", "Give it longer with --timeout.");
        }
    }

    private static JsonObject ToJson(ExecReply reply) => new()
    {
        ["node"] = reply.Node,
        ["exitCode"] = reply.ExitCode,
        ["output"] = reply.Output,
        ["error"] = reply.Error,
    };
}
