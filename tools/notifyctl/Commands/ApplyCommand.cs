using System.CommandLine;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Remote;
using Notify.Ctl.Selecting;

namespace Notify.Ctl.Commands;

/// <summary><c>apply -f FILE</c>: creates and updates objects.</summary>
internal static class ApplyCommand
{
    private const string Notes = """
        A file holds documents with 'type' and 'object', in YAML or JSON; samples/README.md describes them. A document may also have
        'revision': then the object is written only if it is at that revision (0: only if it does not exist), else the exit code is 4.

        The whole input is checked first: where anything in it is malformed, nothing is applied. Then the objects are written in commits of
        up to 100 (and 768 KiB), types that others refer to first. Each commit is made as a whole or not at all, and a few are under way at
        once, so an input that fits into one commit is atomic and a longer one is not. An object that has the content already is left alone.

        --prune -l SELECTOR makes the store have no more of these objects than the input: every document has the labels (in its field 'labels'),
        and stored objects of any type with the labels that are not in the input are deleted, after the rest is applied, each at the revision
        that was shown. It shows them and asks first; where nobody can be asked it does nothing without --yes. Types without labels are left alone.
        """;

    public static Command Create(CtlHost host)
    {
        var files = ObjectArguments.Files();
        Option<bool> dryRun = new("--dry-run") { Description = "Say what would be changed, and change nothing." };
        Option<bool> prune = new("--prune") { Description = "Delete stored objects that have the labels of -l and are not in the input." };
        Option<string?> labels = new(ObjectSelector.LabelsOption, "-l")
        {
            Description = "With --prune: the labels that objects of the input have, and nobody else's: set=shop.",
            HelpName = "SELECTOR",
        };
        Option<bool> yes = new("--yes", "-y") { Description = "With --prune: delete without asking." };
        CtlCommand command = new("apply", "Create and update objects from YAML or JSON.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl apply -f samples/plain/app.yaml -f samples/plain/cloudlet.yaml",
                "notifyctl apply -f samples/world --address 127.0.0.1:7000",
                "notifyctl apply -f shop --prune -l set=shop --dry-run         # what would be changed and deleted",
                "notifyctl get Flavor tiny -o yaml --revisions | sed 's/vcpus: 1/vcpus: 2/' | notifyctl apply -f -",
            ],
            Options = { files, dryRun, prune, labels, yes },
        };
        prune.Validators.Add(result =>
        {
            if (result.GetValue(prune) && result.GetValue(labels) is null)
                result.AddError("--prune needs -l: the labels that say which objects belong to the input.");
        });
        labels.Validators.Add(result =>
        {
            if (!result.GetValue(prune))
                result.AddError("-l goes with --prune.");
        });
        yes.Validators.Add(result =>
        {
            if (result.GetValue(yes) && !result.GetValue(prune))
                result.AddError("--yes goes with --prune: nothing else asks.");
        });
        return host.Bind(command, (context, parsed, cancellationToken) =>
        {
            var pruning = parsed.GetValue(prune) ? new Pruning(context, parsed.GetRequiredValue(labels)!) : null; // Checked: one goes with the other.
            return RunAsync(context, parsed.GetRequiredValue(files), pruning, parsed.GetValue(dryRun), parsed.GetValue(yes), cancellationToken);
        });
    }

    private static async Task<ExitCode> RunAsync(
        CommandContext context, string[] files, Pruning? pruning, bool dryRun, bool yes, CancellationToken cancellationToken)
    {
        var read = await context.Files.ReadAsync(files, "Nothing was applied.", cancellationToken);
        List<PlannedChange> puts = [.. read.OrderBy(document => document.Type.Rank).Select(PlannedChange.ToPut)];
        var deletes = pruning is null ? [] : await pruning.PlanAsync(context, read, cancellationToken);
        if (dryRun)
            return await ChangePreview.ShowAsync(context, [.. puts, .. deletes], cancellationToken);
        if (pruning is not null && deletes.Count > 0 && !yes)
            await pruning.ConfirmAsync(context, deletes, cancellationToken);
        ObjectChanges changes = new(context, "applying", "applied");
        var outcome = await changes.MakeAsync(puts, cancellationToken);
        if (deletes.Count > 0)
            outcome = outcome.And(await PruneAsync(context, deletes, cancellationToken));
        changes.Report([.. puts, .. deletes], outcome);
        return ExitCode.Ok;
    }

    // After the puts: what was moved from one object to another is never missing.
    private static async Task<BatchOutcome> PruneAsync(CommandContext context, IReadOnlyList<PlannedChange> deletes, CancellationToken cancellationToken)
    {
        try
        {
            return await new ObjectChanges(context, "pruning", "pruned").MakeAsync(deletes, cancellationToken);
        }
        catch (CtlException e)
        {
            throw new CtlException(e.Code, e.Message, string.Join('\n', new[] { e.Remedy, "The input was applied; what it has no more was not all deleted." }.OfType<string>()));
        }
    }
}
