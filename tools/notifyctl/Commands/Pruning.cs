using Notify.Core.Types;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Input;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;
using Notify.Ctl.Selecting;

namespace Notify.Ctl.Commands;

/// <summary>Finds what an earlier input had and this one has no more: stored objects with the labels of the input that are not in it.</summary>
internal sealed class Pruning
{
    private readonly Selection _selection;
    private readonly string _labels;

    /// <param name="context">What the command works with.</param>
    /// <param name="labels">The labels that say which objects belong to the input.</param>
    /// <exception cref="CtlException">They are no labels with values.</exception>
    public Pruning(CommandContext context, string labels)
    {
        var terms = SelectorTerm.Parse(labels, ObjectSelector.LabelsOption);
        if (terms.FirstOrDefault(term => term.Value is null || term.IsNegated) is { } vague)
            throw new CtlException(ExitCode.Usage, $"'{vague}' does not say what belongs to the input.", "With --prune, write -l name=value, with commas between.");
        _labels = labels;
        _selection = Selection.Of([.. context.Types.All.Where(type => type is { IsStored: true, Labels: not null })], scope: null, labels, fields: null, context.Types);
    }

    /// <summary>What is to be deleted, types that refer to others first.</summary>
    /// <exception cref="CtlException">Something in the input lacks the labels: a later run could not find it.</exception>
    public async Task<IReadOnlyList<PlannedChange>> PlanAsync(CommandContext context, IReadOnlyList<ObjectDocument> input, CancellationToken cancellationToken)
    {
        InputProblems problems = new();
        foreach (var document in input.Where(document => document.Type.Labels is not null && !_selection.Selector.MatchesLabels(document.Type, document.Message)))
            problems.Add(document.Place, $"{document.Name} has not the labels {_labels}, so that --prune would never find it again.");
        problems.ThrowIfAny("Nothing was applied. Write the labels into the documents, under 'labels'.");

        var keep = input.Select(document => document.Envelope.Id).ToHashSet();
        var listed = await ListedObjects.ReadAsync(context, _selection, minRevision: 0, cancellationToken);
        return
        [
            .. from view in listed.Views
               let type = context.Types.OfUrl(view.Value.TypeUrl)
               where !keep.Contains(new ObjectId(type.Name, view.Key))
               orderby type.Rank descending
               select PlannedChange.ToDelete(type, view),
        ];
    }

    /// <summary>Shows what is to be deleted, and asks.</summary>
    /// <exception cref="CtlException">The answer is no, or nobody can be asked.</exception>
    public async Task ConfirmAsync(CommandContext context, IReadOnlyList<PlannedChange> deletes, CancellationToken cancellationToken)
    {
        var objects = deletes.Count == 1 ? "1 object" : $"{deletes.Count} objects";
        context.Error.Line($"{objects} with {_labels} {(deletes.Count == 1 ? "is" : "are")} not in the input:");
        ChangePreview.WriteDeletes(context.Error, deletes);
        if (!context.CanAsk)
            throw new CtlException(ExitCode.Usage, $"--prune would delete {objects}. Nothing was applied.", "Look at all changes with --dry-run; delete them with --yes.");
        context.Error.Writer.Write($"Delete {(deletes.Count == 1 ? "it" : "them")}? {context.Error.Paint("[y/N]", Ink.Yellow)} ");
        await context.Error.Writer.FlushAsync(cancellationToken);
        if (await context.In.ReadLineAsync(cancellationToken) is not ("y" or "Y" or "yes"))
            throw new CtlException(ExitCode.Failed, "not confirmed. Nothing was applied.");
    }
}
