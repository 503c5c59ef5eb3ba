using System.CommandLine;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Remote;

namespace Notify.Ctl.Commands;

/// <summary><c>forget NODE</c>: nobody waits for a vanished node any more.</summary>
internal static class ForgetCommand
{
    private const string Notes = """
        For a node that will not come back: 'wait' counts nodes that vanished without a goodbye until they are back. What the node owned is not
        touched. It is refused for a node that is connected; should a forgotten one come back, it counts again.
        """;

    public static Command Create(CtlHost host)
    {
        Argument<string> node = new("NODE") { Description = "Name of the node." };
        var also = AlsoOption.Create();
        CtlCommand command = new("forget", "Wait for a vanished node no more.")
        {
            Notes = Notes,
            Examples = ["notifyctl forget crm-zurich", "notifyctl forget crm-zurich -a controller-1:7000 --also controller-2:7000"],
            Arguments = { node },
            Options = { also },
        };
        return host.Bind(command, (context, parsed, cancellationToken) =>
            RunAsync(context, parsed.GetRequiredValue(node), parsed.GetValue(also), cancellationToken));
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string node, string[]? also, CancellationToken cancellationToken)
    {
        var connections = AlsoOption.Connect(context, also);
        try
        {
            GrpcException? unknown = null;
            var forgotten = 0;
            foreach (var connection in connections)
            {
                try
                {
                    await connection.CallAsync(NodesMethods.Forget, new ForgetNodeRequest { Node = node }, cancellationToken);
                    forgotten++;
                }
                catch (GrpcException e) when (e.Code == GrpcStatusCode.NotFound)
                {
                    unknown = e; // One of several controllers has seen it vanish.
                }
                catch (GrpcException e) when (!cancellationToken.IsCancellationRequested)
                {
                    throw CallFailure.Explain(e, connection, context.Types);
                }
            }
            if (forgotten == 0)
                throw unknown!;
            context.Out.Line($"{node} is forgotten");
            return ExitCode.Ok;
        }
        finally
        {
            foreach (var other in connections.Skip(1))
                other.Dispose();
        }
    }
}
