using System.CommandLine;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Selecting;

namespace Notify.Ctl.Commands;

/// <summary><c>watch TYPE</c>: shows changes as they come.</summary>
internal static class WatchCommand
{
    private const string Notes = """
        First come the objects that there are, as added, then each change: added, changed, removed (the node's mirror has it no more), or
        left (it is still there, in another scope or with other labels). Where changes come faster than they can be shown, only the latest of an
        object is. With -o json each is one line of JSON. Ctrl-C ends the watch with exit code 0. When the node goes away it ends with 5; run it
        again to go on: it then begins with the state at that time.


        """ + SelectionOptions.Notes;

    public static Command Create(CtlHost host)
    {
        var types = ObjectArguments.TypesOrAll();
        SelectionOptions selection = new();
        Option<bool> changesOnly = new("--changes-only") { Description = "Do not show what is there at the beginning." };
        CtlCommand command = new("watch", "Show changes as they come to the node.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl watch AppInst",
                "notifyctl watch AppInstInfo CloudletInfo --scope Europe/Zurich --changes-only",
                "notifyctl watch appinsts -l team=maps",
                "notifyctl watch Alert -o json | jq -r .object.summary",
            ],
            Arguments = { types },
            Options = { changesOnly },
        };
        selection.AddTo(command);
        return host.Bind(command, (context, parsed, cancellationToken) =>
        {
            var chosen = (parsed.GetValue(types) ?? []).Select(context.Types.Get).Distinct().ToList();
            WatchFeed feed = new(context, selection.Read(parsed, chosen, context.Types), new WatchLines(context, parsed.GetValue(changesOnly)));
            return feed.RunAsync(cancellationToken);
        });
    }
}
