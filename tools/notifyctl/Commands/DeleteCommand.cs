using System.CommandLine;
using System.Text.Json.Nodes;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary><c>delete TYPE KEY</c> and <c>delete -f FILE</c>: deletes objects.</summary>
internal static class DeleteCommand
{
    private const string Notes = ObjectArguments.KeyNotes + """


        With -f only the keys of the documents matter. Their objects are deleted in commits of up to 100, each as a whole or not at all, types
        that refer to others first. Where one of them did not exist the exit code is 3, after all others are deleted.
        """;

    public static Command Create(CtlHost host)
    {
        var type = ObjectArguments.Type();
        type.Arity = ArgumentArity.ZeroOrOne;
        var key = ObjectArguments.Key();
        Option<string[]> files = new("--file", "-f")
        {
            Description = "Delete the objects of a file, a folder or standard input (-), as apply reads them. Repeatable.",
            HelpName = "FILE|DIR|-",
        };
        Option<long?> revision = new("--revision")
        {
            Description = "Delete only if the object is at this revision, else exit with 4.",
            HelpName = "REVISION",
        };
        Option<bool> ignoreMissing = new("--ignore-missing") { Description = "An object that does not exist is no failure." };
        CtlCommand command = new("delete", "Delete objects.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl delete AppInst harbor-maps/tiles-europe-zurich",
                "notifyctl delete Flavor tiny --revision 42",
                "notifyctl delete -f samples/plain/app-inst.json --ignore-missing",
            ],
            Arguments = { type, key },
            Options = { files, revision, ignoreMissing },
        };
        return host.Bind(command, (context, parsed, cancellationToken) =>
        {
            var isMissingFine = parsed.GetValue(ignoreMissing);
            return (parsed.GetValue(type), parsed.GetValue(files) ?? []) switch
            {
                ({ } name, []) => DeleteOneAsync(context, name, parsed.GetValue(key), parsed.GetValue(revision), isMissingFine, cancellationToken),
                (null, { Length: > 0 } from) when parsed.GetValue(revision) is null => DeleteAllAsync(context, from, isMissingFine, cancellationToken),
                (null, []) => throw new CtlException(ExitCode.Usage, "what to delete is missing.", "Write delete TYPE KEY, or delete -f FILE."),
                (null, _) => throw new CtlException(ExitCode.Usage, "--revision goes with TYPE KEY; with -f the documents' own 'revision' counts."),
                _ => throw new CtlException(ExitCode.Usage, "TYPE KEY and -f exclude each other."),
            };
        });
    }

    private static async Task<ExitCode> DeleteOneAsync(
        CommandContext context, string typeName, string? key, long? revision, bool isMissingFine, CancellationToken cancellationToken)
    {
        var type = context.Types.Get(typeName);
        DeleteRequest request = new() { Object = ObjectArguments.NameOf(type, key, context.Types) };
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

    private static async Task<ExitCode> DeleteAllAsync(CommandContext context, string[] files, bool isMissingFine, CancellationToken cancellationToken)
    {
        var read = await context.Files.ReadAsync(files, "Nothing was deleted.", cancellationToken);
        var documents = read.OrderByDescending(document => document.Type.Rank).ToList();
        ObjectChanges changes = new(context, "deleting", "deleted");
        var outcome = await changes.MakeAsync(
            documents,
            document =>
            {
                WriteChange change = new() { Delete = new ObjectName { Like = KnownType.Pack(document.Envelope) } };
                if (document.Revision is { } revision)
                    change.ExpectedRevision = revision;
                return change;
            },
            cancellationToken);
        changes.Report(documents, outcome);
        var missing = outcome.Results.Count(result => result!.Outcome == WriteOutcome.NotFound); // Nothing failed, so there is a result for each.
        return missing == 0 || isMissingFine
            ? ExitCode.Ok
            : throw new CtlException(ExitCode.NotFound, $"{missing} of the objects did not exist.", "--ignore-missing makes this no failure.");
    }
}
