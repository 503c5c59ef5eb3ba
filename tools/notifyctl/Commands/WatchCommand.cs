using System.CommandLine;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Remote;

namespace Notify.Ctl.Commands;

/// <summary><c>watch TYPE</c>: shows changes as they come.</summary>
internal static class WatchCommand
{
    private const string Notes = """
        First come the objects that there are, as added, then each change: added, changed, removed (the node's mirror has it no more), or
        left (it is still there, in another scope). Where changes come faster than they can be shown, only the latest of an object is. With -o json each is one line of JSON. Ctrl-C ends the watch with exit code 0.
        When the node goes away it ends with 5; run it again to go on: it then begins with the state at that time.
        """;

    public static Command Create(CtlHost host)
    {
        var types = ObjectArguments.TypesOrAll();
        var scope = ObjectArguments.Scope();
        Option<bool> changesOnly = new("--changes-only") { Description = "Do not show what is there at the beginning." };
        CtlCommand command = new("watch", "Show changes as they come to the node.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl watch AppInst",
                "notifyctl watch AppInstInfo CloudletInfo --scope Europe/Zurich --changes-only",
                "notifyctl watch Alert -o json | jq -r .object.summary",
            ],
            Arguments = { types },
            Options = { scope, changesOnly },
        };
        return host.Bind(command, (context, parsed, cancellationToken) =>
        {
            var chosen = (parsed.GetValue(types) ?? []).Select(context.Types.Get).Distinct().ToList();
            WatchRequest request = new() { Filter = ObjectArguments.FilterOf(chosen, parsed.GetValue(scope), context.Types) };
            return RunAsync(context, request, parsed.GetValue(changesOnly), cancellationToken);
        });
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, WatchRequest request, bool changesOnly, CancellationToken cancellationToken)
    {
        WatchLines lines = new(context, changesOnly);
        try
        {
            await using var call = context.Node.Stream(ObjectsMethods.Watch, request, endless: true, cancellationToken);
            await call.WaitToReadAsync(context.Node, cancellationToken); // The state at the beginning comes at once; changes may take for ever.
            while (await call.WaitToReadAsync(CancellationToken.None))
            {
                while (call.TryRead(out var response))
                    lines.Write(response);
                await context.Out.Writer.FlushAsync(CancellationToken.None);
            }
        }
        catch (GrpcException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
        catch (GrpcException e) when (lines.HasStarted && e.Code is GrpcStatusCode.Unavailable or GrpcStatusCode.Internal or GrpcStatusCode.Cancelled)
        {
            throw Gone(context.Node, e.Status.Detail);
        }
        throw Gone(context.Node, "it ended the watch");
    }

    private static CtlException Gone(NodeConnection node, string why) =>
        new(ExitCode.Unreachable, $"{node.Address} went away: {why.TrimEnd('.')}.", "Run the command again to go on.");
}
