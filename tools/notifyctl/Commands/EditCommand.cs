using System.CommandLine;
using System.Text.Json.Nodes;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Input;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary><c>edit TYPE KEY</c>: changes one object in an editor.</summary>
internal static class EditCommand
{
    private const string Notes = ObjectArguments.KeyNotes + """


        Opens the object as YAML in $VISUAL, $EDITOR or vi, and writes it when the editor ends. It is written only if it still is at the revision
        that you saw; where somebody was faster the exit code is 4. What was edited and not written is kept in a file, and the message names it:
        notifyctl apply -f takes it.
        """;

    public static Command Create(CtlHost host)
    {
        var type = ObjectArguments.Type();
        var key = ObjectArguments.Key();
        CtlCommand command = new("edit", "Change one object in your editor.")
        {
            Notes = Notes,
            LendsTerminal = true,
            Examples =
            [
                "notifyctl edit AppInst harbor-maps/tiles-europe-zurich",
                "EDITOR='code --wait' notifyctl edit fl tiny",
                "notifyctl edit settings --json",
            ],
            Arguments = { type, key },
        };
        return host.Bind(command, (context, parsed, cancellationToken) =>
            RunAsync(context, context.Types.Get(parsed.GetRequiredValue(type)), parsed.GetValue(key), cancellationToken));
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, KnownType type, string? key, CancellationToken cancellationToken)
    {
        if (!type.IsStored)
            throw new CtlException(ExitCode.Usage, $"{type.ShortName} objects belong to the nodes that send them and cannot be written.");
        var view = await ReadAsync(context, type, ObjectArguments.NameOf(type, key, context.Types), cancellationToken);
        using EditedFile file = new(context, type, view);
        await file.EditAsync();
        if (!file.IsChanged)
        {
            Report(context, type.NameOf(view.Key), "unchanged", view.Revision);
            return ExitCode.Ok;
        }
        var document = await ReadAsync(context, file, view, cancellationToken);
        var response = await WriteAsync(context, file, document, document.Revision ?? view.Revision, cancellationToken);
        Report(context, document.Name, ObjectChanges.Word(response.Outcome), response.Revision);
        return ExitCode.Ok;
    }

    private static async Task<ObjectView> ReadAsync(CommandContext context, KnownType type, ObjectName name, CancellationToken cancellationToken)
    {
        try
        {
            var view = (await context.Node.CallAsync(ObjectsMethods.Get, new GetRequest { Object = name }, cancellationToken)).Object;
            return ObjectText.HasUnknownFields(type, view.Value.Value)
                ? throw new CtlException(ExitCode.Failed, $"{type.NameOf(view.Key)} has fields that this program does not know; editing would remove them.", "Use a newer notifyctl.")
                : view;
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.NotFound)
        {
            throw new CtlException(ExitCode.NotFound, $"{context.Node.Address} has no {type.NameOf(name.Key)}.", $"notifyctl list {type.Plural} shows those that it has.");
        }
    }

    private static async Task<ObjectDocument> ReadAsync(CommandContext context, EditedFile file, ObjectView view, CancellationToken cancellationToken)
    {
        file.Keep();
        var documents = await context.Files.ReadAsync([file.Path], $"Nothing was changed. {file.Remedy}", cancellationToken);
        if (documents is not [var document])
            throw new CtlException(ExitCode.Usage, $"{file.Path}: there are {documents.Count} objects where one was.", $"Nothing was changed. {file.Remedy}");
        return document.Envelope.Id.Key == view.Key && document.Type.Name == KnownType.NameOfUrl(view.Value.TypeUrl)
            ? document
            : throw new CtlException(ExitCode.Usage, $"{document.Place}: this is {document.Name}, another object.", $"Nothing was changed. {file.Remedy}");
    }

    private static async Task<PutResponse> WriteAsync(CommandContext context, EditedFile file, ObjectDocument document, long revision, CancellationToken cancellationToken)
    {
        try
        {
            PutRequest request = new() { Object = KnownType.Pack(document.Envelope), ExpectedRevision = revision };
            var response = await context.Node.CallAsync(ObjectsMethods.Put, request, cancellationToken);
            file.Discard();
            return response;
        }
        catch (GrpcException e)
        {
            var explained = CallFailure.Explain(e, context.Node, context.Types);
            var remedy = e.Code == GrpcStatusCode.Aborted
                ? $"Your edit is kept in {file.Path}. See what it would change now with notifyctl diff -f; then write the current revision into it, and apply -f it."
                : string.Join('\n', new[] { explained.Remedy, file.Remedy }.OfType<string>());
            throw new CtlException(explained.Code, explained.Message, remedy);
        }
    }

    private static void Report(CommandContext context, string name, string outcome, long revision)
    {
        if (context.Format == OutputFormat.Table)
            context.Out.Line($"{name} {outcome}, revision {revision}");
        else
            context.WriteValue(new JsonObject { ["outcome"] = outcome, ["revision"] = revision });
    }
}
