using System.Text.Json.Nodes;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;
using Notify.Ctl.Selecting;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary>Deletes objects.</summary>
/// <param name="context">What the command works with.</param>
/// <param name="isMissingFine">An object that does not exist is no failure.</param>
/// <param name="dryRun">Only says what would be deleted.</param>
internal sealed class DeleteRun(CommandContext context, bool isMissingFine, bool dryRun)
{
    public async Task<ExitCode> DeleteOneAsync(KnownType type, string? key, long? revision, CancellationToken cancellationToken)
    {
        DeleteRequest request = new() { Object = ObjectArguments.NameOf(type, key, context.Types) };
        if (dryRun)
            return await ChangePreview.ShowAsync(context, [new PlannedChange(type, request.Object.Key, Put: null, revision, Place: null)], cancellationToken);
        if (revision is { } expected)
            request.ExpectedRevision = expected;
        var name = type.NameOf(request.Object.Key);
        try
        {
            var response = await context.Node.CallAsync(ObjectsMethods.Delete, request, cancellationToken);
            if (context.Format == OutputFormat.Table)
                context.Out.Line($"{name} deleted, revision {response.Revision}");
            else
                context.WriteValue(new JsonObject { ["outcome"] = "deleted", ["revision"] = response.Revision });
            return ExitCode.Ok;
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.NotFound)
        {
            if (!isMissingFine)
                throw new CtlException(ExitCode.NotFound, $"{context.Node.Address} has no {name}.", "--ignore-missing makes this no failure.");
            if (context.Format == OutputFormat.Table)
                context.Out.Line($"{name} not found");
            else
                context.WriteValue(new JsonObject { ["outcome"] = "not found" });
            return ExitCode.Ok;
        }
    }

    public async Task<ExitCode> DeleteSelectedAsync(Selection selection, CancellationToken cancellationToken)
    {
        var listed = await ListedObjects.ReadAsync(context, selection, minRevision: 0, cancellationToken);
        return await DeleteAsync([.. listed.Views.Select(view => PlannedChange.ToDelete(context.Types.OfUrl(view.Value.TypeUrl)!, view))], cancellationToken); // A known type was asked for.
    }

    public async Task<ExitCode> DeleteFilesAsync(string[] files, CancellationToken cancellationToken)
    {
        var read = await context.Files.ReadAsync(files, "Nothing was deleted.", cancellationToken);
        return await DeleteAsync([.. read.OrderByDescending(document => document.Type.Rank).Select(PlannedChange.ToDelete)], cancellationToken);
    }

    private async Task<ExitCode> DeleteAsync(List<PlannedChange> planned, CancellationToken cancellationToken)
    {
        if (dryRun)
            return await ChangePreview.ShowAsync(context, planned, cancellationToken);
        ObjectChanges changes = new(context, "deleting", "deleted");
        var outcome = await changes.MakeAsync(planned, cancellationToken);
        changes.Report(planned, outcome);
        var missing = outcome.Results.Count(result => result!.Outcome == WriteOutcome.NotFound); // Nothing failed, so there is a result for each.
        return missing == 0 || isMissingFine
            ? ExitCode.Ok
            : throw new CtlException(ExitCode.NotFound, $"{missing} of the objects did not exist.", "--ignore-missing makes this no failure.");
    }
}
