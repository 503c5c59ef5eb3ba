using System.CommandLine;
using System.Text.Json.Nodes;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;
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
                "notifyctl exec crm-zurich --app-inst harbor-maps/tiles-europe-zurich -- describe",
            ],
            Arguments = { node, words },
            Options = { appInst },
        };
        return host.Bind(command, (context, parsed, cancellationToken) =>
            RunAsync(context, parsed.GetRequiredValue(node), parsed.GetRequiredValue(words), parsed.GetValue(appInst), cancellationToken));
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string node, string[] words, string? appInst, CancellationToken cancellationToken)
    {
        ExecRequest request = new() { Id = Guid.NewGuid().ToString("N"), Command = words[0] };
        request.Arguments.AddRange(words[1..]);
        if (appInst is not null)
            request.AppInstKey = (AppInstKey)new KeyText(AppInstKey.Descriptor).Parse(appInst, "AppInst", context.Types.Registry);
        var reply = await NodeMessages.SendAsync<ExecReply>(context, node, request, cancellationToken);
        if (context.Format == OutputFormat.Table)
        {
            context.WriteText(reply.Output);
        }
        else
        {
            context.WriteValue(ToJson(reply));
        }
        return reply.ExitCode == 0
            ? ExitCode.Ok
            : throw new CtlException(ExitCode.Failed, $"'{request.Command}' failed at {node} with exit code {reply.ExitCode}{(reply.Error.Length > 0 ? ": " + reply.Error : ".")}");
    }

    private static JsonObject ToJson(ExecReply reply) => new()
    {
        ["node"] = reply.Node,
        ["exitCode"] = reply.ExitCode,
        ["output"] = reply.Output,
        ["error"] = reply.Error,
    };
}
