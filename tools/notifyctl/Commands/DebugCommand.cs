using System.CommandLine;
using System.Text.Json.Nodes;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;
using Notify.Edge;

namespace Notify.Ctl.Commands;

/// <summary><c>debug NODE COMMAND</c>: asks a process about itself.</summary>
internal static class DebugCommand
{
    private const string Notes = """
        NODE is the node at --address or one that is connected below it. Every node knows 'help', 'counters', 'interest', 'rejections', 'synced',
        'types' and 'version'; a controller 'metrics' too, the latest that nodes have sent. Exit codes are those of exec.
        """;

    public static Command Create(CtlHost host)
    {
        Argument<string> node = new("NODE") { Description = "Name of the node to ask." };
        Argument<string> question = new("COMMAND") { Description = "What to ask it." };
        CtlCommand command = new("debug", "Ask a node about itself.")
        {
            Notes = Notes,
            Examples = ["notifyctl debug crm-zurich counters", "notifyctl debug top metrics"],
            Arguments = { node, question },
        };
        return host.Bind(command, (context, parsed, cancellationToken) =>
            RunAsync(context, parsed.GetRequiredValue(node), parsed.GetRequiredValue(question), cancellationToken));
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string node, string question, CancellationToken cancellationToken)
    {
        DebugRequest request = new() { Id = Guid.NewGuid().ToString("N"), Command = question };
        var reply = await NodeMessages.SendAsync<DebugReply>(context, node, request, cancellationToken);
        if (context.Format == OutputFormat.Table)
            context.WriteText(reply.Output);
        else
            context.WriteValue(new JsonObject { ["node"] = reply.Node, ["output"] = reply.Output, ["error"] = reply.Error });
        return reply.Error.Length == 0 ? ExitCode.Ok : throw new CtlException(ExitCode.Failed, $"{node}: {reply.Error}");
    }
}
