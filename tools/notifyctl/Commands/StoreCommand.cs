using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Controller;
using Notify.Core;
using Notify.Core.Storage;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Storage.Etcd;

namespace Notify.Ctl.Commands;

/// <summary><c>store new-incarnation</c>: what has to be done to a store itself, in etcd.</summary>
internal static class StoreCommand
{
    private const string Notes = """
        To be run after the etcd cluster was restored from a backup, before controllers start on it again. Revisions that were given out after the
        backup will be given out anew; only the new incarnation tells nodes so, and each then syncs with its controller anew. Controllers that
        have the store open end, and have to be started again. Works on etcd alone; no controller needs to run, and --address is not used.
        """;

    public static Command Create(CtlHost host)
    {
        EtcdOptions etcd = new();
        CtlCommand command = new("new-incarnation", "Tell all nodes that a store in etcd was restored from a backup.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl store new-incarnation --etcd http://etcd-1:2379",
                "notifyctl store new-incarnation --etcd https://etcd-1:2379 --etcd-ca ca.pem --etcd-user notify",
            ],
        };
        foreach (var option in etcd.All)
            command.Options.Add(option);
        host.Bind(command, (context, parsed, cancellationToken) => RunAsync(context, etcd.Read(parsed.GetValue, context.Variable), cancellationToken));
        return new CtlCommand("store", "Work on a store in etcd itself.")
        {
            Examples = ["notifyctl store new-incarnation --etcd http://etcd-1:2379"],
            Subcommands = { command },
        };
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, EtcdSettings settings, CancellationToken cancellationToken)
    {
        List<string> problems = [];
        var options = settings.Read(problems);
        if (problems.Count > 0)
            throw new CtlException(ExitCode.Usage, string.Join('\n', problems), "See notifyctl store new-incarnation --help.");
        try
        {
            var (before, after) = await EtcdObjectStore.RenewAsync(options, new Random(), NullLogger<EtcdObjectStore>.Instance, cancellationToken);
            if (context.Format == OutputFormat.Table)
            {
                context.Out.Line($"the store under {options.Prefix} has the new incarnation {after.Incarnation:N}; it had {before.Incarnation:N}");
                context.Error.Line("Start the controllers again. All nodes sync with them anew.");
            }
            else
            {
                context.WriteValue(new JsonObject
                {
                    ["store"] = after.Store.ToString("N"),
                    ["incarnation"] = after.Incarnation.ToString("N"),
                    ["before"] = before.Incarnation.ToString("N"),
                });
            }
            return ExitCode.Ok;
        }
        catch (StoreUnavailableException e)
        {
            throw new CtlException(ExitCode.Unreachable, $"{e.Message.TrimEnd('.')}. Nothing was changed.");
        }
        catch (CommitOutcomeUnknownException e)
        {
            throw new CtlException(ExitCode.Unreachable, e.Message, "Run the command again.");
        }
        catch (NotifyException e)
        {
            throw new CtlException(ExitCode.Failed, e.Message);
        }
    }
}
