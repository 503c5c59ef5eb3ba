using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Notify.Ctl.Commands;

namespace Notify.Ctl.CommandLine;

/// <summary>The program: from arguments to exit code.</summary>
internal static class NotifyCtl
{
    private const string Notes = """
        KEY is the key's values in the order of its fields, with slashes between (harbor-maps/tiles-1), or field=value pairs with commas
        between (organization=harbor-maps,name=tiles-1), or the key as JSON ('{"organization": "harbor-maps", "name": "tiles-1"}').

        Exit codes:
          0  done
          1  failed: the node refused, or a command run by exec or debug failed; wait: not in time; diff: there are differences (2 where it failed)
          2  wrong usage: the command line or an input file is wrong; nothing was sent
          3  not found
          4  an object is not at the expected revision
          5  unreachable: no answer from the node or from the store behind it
          6  denied
        """;

    private static readonly string[] Examples =
    [
        "notifyctl apply -f samples/world                  # load a folder of objects",
        "notifyctl list AppInst --scope Europe/Zurich      # what runs at a cloudlet",
        "notifyctl list ai -l team=maps --watch            # the same by its short name and labels, drawn again after each change",
        "notifyctl edit Flavor tiny                        # change one object in $EDITOR",
        "notifyctl diff -f samples/world                   # what apply would change",
        "notifyctl watch AppInstInfo                       # see changes as they come",
        "notifyctl nodes --address 127.0.0.1:7000          # who is connected there",
        "notifyctl wait --revision 1207                    # until every node has applied it",
        "notifyctl backup notify.backup                    # save the controller's store, while it runs",
        "source <(notifyctl completion bash)               # complete commands, options and types with Tab",
    ];

    /// <summary>Runs one command line. Never throws for anything that a user can do.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CtlEnvironment environment, CancellationToken cancellationToken)
    {
        GlobalOptions options = new();
        CtlHost host = new(environment, options);
        var parsed = Create(host, options).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
            return (int)host.Refuse(parsed);
        InvocationConfiguration configuration = new()
        {
            Output = environment.Out,
            Error = environment.Error,
            EnableDefaultExceptionHandler = false,
        };
        if (parsed.CommandResult.Command is CtlCommand { LendsTerminal: true })
            configuration.ProcessTerminationTimeout = null;
        return await parsed.InvokeAsync(configuration, cancellationToken);
    }

    private static RootCommand Create(CtlHost host, GlobalOptions options)
    {
        RootCommand root = new("Reads, writes and watches the objects of Notify nodes.")
        {
            ApplyCommand.Create(host),
            GetCommand.Create(host),
            ListCommand.Create(host),
            DeleteCommand.Create(host),
            DiffCommand.Create(host),
            EditCommand.Create(host),
            WatchCommand.Create(host),
            NodesCommand.Create(host),
            StatusCommand.Create(host),
            WaitCommand.Create(host),
            ForgetCommand.Create(host),
            ExecCommand.Create(host),
            DebugCommand.Create(host),
            RequestCommand.Create(host),
            SendCommand.Create(host),
            BackUpCommand.Create(host),
            RestoreCommand.Create(host),
            StoreCommand.Create(host),
            TypesCommand.Create(host),
            CompletionCommand.Create(host),
        };
        options.AddTo(root);
        var help = root.Options.OfType<HelpOption>().Single();
        if (help.Action is HelpAction usual)
            help.Action = new HelpWithExamples(usual) { Root = (Notes, Examples) };
        return root;
    }
}
