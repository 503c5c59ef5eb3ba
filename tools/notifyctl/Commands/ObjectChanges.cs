using System.Text.Json.Nodes;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;

namespace Notify.Ctl.Commands;

/// <summary>Makes the changes of an input, shows how far it is, and reports what became of them.</summary>
/// <param name="context">What the command works with.</param>
/// <param name="doing">What it does, as in "applying".</param>
/// <param name="done">The same done, as in "applied".</param>
internal sealed class ObjectChanges(CommandContext context, string doing, string done)
{
    private static readonly string[] Words = ["created", "updated", "unchanged", "deleted", "not found"];

    /// <summary>Makes the changes.</summary>
    /// <exception cref="CtlException">Not all of them were made.</exception>
    public async Task<BatchOutcome> MakeAsync(IReadOnlyList<PlannedChange> planned, CancellationToken cancellationToken)
    {
        List<WriteChange> changes = [.. planned.Select(change => change.ToChange())];
        var outcome = await CommitAsync(changes, cancellationToken);
        if (outcome is { Failure: { } failure, FailedBatch: { } batch })
            throw Explain(failure, planned.Take(batch).ToList(), outcome, cancellationToken);
        return outcome;
    }

    /// <summary>Reports success.</summary>
    public void Report(IReadOnlyList<PlannedChange> changes, BatchOutcome outcome)
    {
        if (context.Format == OutputFormat.Table)
            ReportTable(changes, outcome);
        else
            context.WriteValue(ToJson(changes, outcome));
    }

    public static string Word(WriteOutcome outcome) => outcome switch
    {
        WriteOutcome.Created => "created",
        WriteOutcome.Updated => "updated",
        WriteOutcome.Unchanged => "unchanged",
        WriteOutcome.Deleted => "deleted",
        WriteOutcome.NotFound => "not found",
        _ => "unknown",
    };

    private async Task<BatchOutcome> CommitAsync(List<WriteChange> changes, CancellationToken cancellationToken)
    {
        BatchCommitter committer = new(context.Node);
        if (changes.Count <= BatchCommitter.ChangesMax)
            return await committer.CommitAsync(changes, progress: null, cancellationToken);
        return await ProgressBar.RunAsync(
            context.Error, $"{doing} {changes.Count} objects", bar => committer.CommitAsync(changes, made => bar(made, changes.Count), cancellationToken));
    }

    private CtlException Explain(GrpcException failure, List<PlannedChange> batch, BatchOutcome outcome, CancellationToken cancellationToken)
    {
        var total = outcome.Results.Count;
        var so = batch.Count == total
            ? CallFailure.IsUnconnected(failure) ? "Nothing was changed." : CallFailure.IsAnswer(failure) ? null : "Whether anything was changed is not known."
            : $"{outcome.Done} of {total} objects were {done}; the commit that failed has those from {(batch[0].Place is { } place ? $"{place} ({batch[0].Name})" : batch[0].Name)} on. Repeating the command does no harm.";
        if (cancellationToken.IsCancellationRequested)
            return new CtlException(ExitCode.Failed, "interrupted.", so);
        var explained = CallFailure.Explain(failure, context.Node, context.Types);
        return new CtlException(explained.Code, explained.Message, string.Join('\n', new[] { explained.Remedy, so }.OfType<string>()));
    }

    private void ReportTable(IReadOnlyList<PlannedChange> changes, BatchOutcome outcome)
    {
        var words = outcome.Results.Select(result => Word(result!.Outcome)).ToList(); // Nothing failed, so there is a result for each.
        var columns = Words.Where(words.Contains).ToList();
        TextTable table = new(["TYPE", .. columns.Select(word => word.ToUpperInvariant())]);
        foreach (var type in changes.Zip(words).GroupBy(pair => pair.First.Type).OrderBy(group => group.Key.Rank))
            table.Add([type.Key.ShortName, .. columns.Select(word => $"{type.Count(pair => pair.Second == word)}")]);
        if (changes.Count > 0)
            table.Write(context.Out);
        var commits = outcome.Commits == 1 ? "1 commit" : $"{outcome.Commits} commits";
        context.Out.Line($"{changes.Count} {(changes.Count == 1 ? "object" : "objects")} {done} in {commits}, revision {outcome.Revision}");
    }

    private JsonObject ToJson(IReadOnlyList<PlannedChange> changes, BatchOutcome outcome)
    {
        var plainNumbers = context.Format == OutputFormat.Yaml;
        var objects = changes.Zip(outcome.Results).Select(pair => (JsonNode)new JsonObject
        {
            ["type"] = pair.First.Type.ShortName,
            ["key"] = context.KeyToJson(pair.First.Type, pair.First.Key, plainNumbers),
            ["outcome"] = Word(pair.Second!.Outcome), // As above.
            ["revision"] = pair.Second.Revision,
        });
        return new JsonObject { ["revision"] = outcome.Revision, ["commits"] = outcome.Commits, ["objects"] = new JsonArray([.. objects]) };
    }
}
