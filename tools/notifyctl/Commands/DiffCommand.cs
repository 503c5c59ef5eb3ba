using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Input;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary><c>diff -f FILE</c>: shows what apply would change.</summary>
internal static class DiffCommand
{
    private const string Notes = """
        Shows each object that the node has otherwise than the input, or not at all, as YAML before and after. A 'revision' in a document is not
        looked at. As with diff, the exit code is 0 where nothing differs, 1 where something does, and 2 or more where it failed.
        """;

    public static Command Create(CtlHost host)
    {
        var files = ObjectArguments.Files();
        CtlCommand command = new("diff", "Show what apply would change.")
        {
            Notes = Notes,
            FailureCode = ExitCode.Usage,
            Examples =
            [
                "notifyctl diff -f samples/world",
                "notifyctl diff -f shop.yaml --json",
                "notifyctl diff -f shop.yaml || notifyctl apply -f shop.yaml",
            ],
            Options = { files },
        };
        return host.Bind(command, (context, parsed, cancellationToken) => RunAsync(context, parsed.GetRequiredValue(files), cancellationToken));
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string[] files, CancellationToken cancellationToken)
    {
        var documents = await context.Files.ReadAsync(files, "Nothing was compared.", cancellationToken);
        var current = await CurrentObjects.ReadAsync(context.Node, [.. documents.Select(document => (document.Type, document.Envelope.Id.Key))], cancellationToken);
        List<(ObjectDocument Document, ObjectView? View)> different = [.. documents.Zip(current).Where(pair => IsDifferent(pair.First, pair.Second))];
        if (context.Format == OutputFormat.Table)
        {
            foreach (var (document, view) in different)
                WriteText(context, document, view);
        }
        else
        {
            context.WriteValue(new JsonArray([.. different.Select(pair => ToJson(context, pair.Document, pair.View))]));
        }
        return different.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    // By their content: two encodings of the same fields are no difference that anybody wrote.
    private static bool IsDifferent(ObjectDocument document, ObjectView? view) =>
        view is null || (view.Value.Value != document.Envelope.Value && !Parse(document.Type, view).Equals(document.Message));

    private static IMessage Parse(KnownType type, ObjectView view) => type.Descriptor.Parser.ParseFrom(view.Value.Value);

    private static void WriteText(CommandContext context, ObjectDocument document, ObjectView? view)
    {
        var output = context.Out;
        var before = view is null ? [] : Lines(context, document.Type, Parse(document.Type, view));
        output.Line(output.Paint($"--- {document.Name}  {(view is null ? "not there" : $"revision {view.Revision}")}", Ink.Red));
        output.Line(output.Paint($"+++ {document.Name}  {document.Place}", Ink.Green));
        if (view is not null && ObjectText.HasUnknownFields(document.Type, view.Value.Value))
            output.Line(output.Paint("(it has fields that this program does not know; apply would remove them)", Ink.Yellow));
        foreach (var (sign, line) in LineDiff.Hunks(LineDiff.Compare(before, Lines(context, document.Type, document.Message))))
        {
            output.Line(sign switch
            {
                '@' => output.Paint(line, Ink.Cyan),
                '-' => output.Paint("-" + line, Ink.Red),
                '+' => output.Paint("+" + line, Ink.Green),
                _ => " " + line,
            });
        }
    }

    private static string[] Lines(CommandContext context, KnownType type, IMessage message)
    {
        using StringWriter text = new();
        new YamlWriter(text).Write(context.Text.ToDocument(type, message, revision: null, plainNumbers: true));
        return text.ToString().TrimEnd('\n').Split('\n')[1..]; // Without the line that begins a document.
    }

    private static JsonObject ToJson(CommandContext context, ObjectDocument document, ObjectView? view)
    {
        var plainNumbers = context.Format == OutputFormat.Yaml;
        JsonObject json = new()
        {
            ["type"] = document.Type.ShortName,
            ["key"] = context.KeyToJson(document.Type, document.Envelope.Id.Key, plainNumbers),
            ["outcome"] = ObjectChanges.Word(view is null ? WriteOutcome.Created : WriteOutcome.Updated),
            ["place"] = document.Place.ToString(),
        };
        if (view is not null)
        {
            json["revision"] = view.Revision;
            json["before"] = context.Text.ToJson(Parse(document.Type, view), plainNumbers);
        }
        json["after"] = context.Text.ToJson(document.Message, plainNumbers);
        return json;
    }
}
