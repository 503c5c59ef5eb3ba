using System.CommandLine;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Selecting;

namespace Notify.Ctl.Commands;

/// <summary><c>delete TYPE KEY</c> and <c>delete -f FILE</c>: deletes objects.</summary>
internal static class DeleteCommand
{
    private const string Notes = ObjectArguments.KeyNotes + """


        A selector deletes the objects of TYPE that list shows with it, each at the revision that it has now: where one changes meanwhile, its
        commit fails and the exit code is 4. To select none is no failure.

        With -f only the keys of the documents matter. Their objects are deleted in commits of up to 100, each as a whole or not at all, types
        that refer to others first. Where one of them did not exist the exit code is 3, after all others are deleted.


        """ + SelectionOptions.Notes;

    public static Command Create(CtlHost host)
    {
        var type = ObjectArguments.Type();
        type.Arity = ArgumentArity.ZeroOrOne;
        var key = ObjectArguments.Key();
        var files = ObjectArguments.Files();
        files.Required = false;
        files.Description = "Delete the objects of a file, a folder or standard input (-), as apply reads them. Repeatable.";
        Option<long?> revision = new("--revision")
        {
            Description = "Delete only if the object is at this revision, else exit with 4.",
            HelpName = "REVISION",
        };
        Option<bool> ignoreMissing = new("--ignore-missing") { Description = "An object that does not exist is no failure." };
        Option<bool> all = new("--all") { Description = "Delete all objects of the type." };
        Option<bool> dryRun = new("--dry-run") { Description = "Say what would be deleted, and delete nothing." };
        SelectionOptions selection = new();
        CtlCommand command = new("delete", "Delete objects.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl delete AppInst harbor-maps/tiles-europe-zurich",
                "notifyctl delete Flavor tiny --revision 42",
                "notifyctl delete appinsts --scope Europe/Zurich --dry-run",
                "notifyctl delete ai -l team=maps --field-selector organization=harbor-maps",
                "notifyctl delete -f samples/plain/app-inst.json --ignore-missing",
            ],
            Arguments = { type, key },
            Options = { files, revision, ignoreMissing, all, dryRun },
        };
        selection.AddTo(command);
        return host.Bind(command, (context, parsed, cancellationToken) =>
        {
            DeleteRun run = new(context, parsed.GetValue(ignoreMissing), parsed.GetValue(dryRun));
            var isSelected = parsed.GetValue(all) || selection.IsGiven(parsed);
            return (parsed.GetValue(type), parsed.GetValue(files) ?? []) switch
            {
                ({ }, []) when isSelected && (parsed.GetValue(key) is not null || parsed.GetValue(revision) is not null || (parsed.GetValue(all) && selection.IsGiven(parsed))) =>
                    throw new CtlException(ExitCode.Usage, "a KEY (with --revision), --all, and selectors exclude each other."),
                ({ } name, []) when isSelected => run.DeleteSelectedAsync(selection.Read(parsed, [context.Types.Get(name)], context.Types), cancellationToken),
                ({ } name, []) => run.DeleteOneAsync(context.Types.Get(name), parsed.GetValue(key), parsed.GetValue(revision), cancellationToken),
                (null, { Length: > 0 }) when isSelected => throw new CtlException(ExitCode.Usage, "-f and selectors exclude each other."),
                (null, { Length: > 0 } from) when parsed.GetValue(revision) is null => run.DeleteFilesAsync(from, cancellationToken),
                (null, []) => throw new CtlException(ExitCode.Usage, "what to delete is missing.", "Write delete TYPE KEY, delete TYPE with a selector, or delete -f FILE."),
                (null, _) => throw new CtlException(ExitCode.Usage, "--revision goes with TYPE KEY; with -f the documents' own 'revision' counts."),
                _ => throw new CtlException(ExitCode.Usage, "TYPE KEY and -f exclude each other."),
            };
        });
    }
}
