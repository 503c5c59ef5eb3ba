using System.CommandLine;
using Notify.Core.Protocol;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Types;

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
        """;

    public static Command Create(CtlHost host)
    {
        Option<string[]> files = new("--file", "-f")
        {
            Description = "A file, a folder (its .yaml, .yml and .json files, not those in folders below), or - for standard input. Repeatable.",
            HelpName = "FILE|DIR|-",
            Required = true,
        };
        CtlCommand command = new("apply", "Create and update objects from YAML or JSON.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl apply -f samples/plain/app.yaml -f samples/plain/cloudlet.yaml",
                "notifyctl apply -f samples/world --address 127.0.0.1:7000",
                "notifyctl get Flavor tiny -o yaml --revisions | sed 's/vcpus: 1/vcpus: 2/' | notifyctl apply -f -",
            ],
            Options = { files },
        };
        return host.Bind(command, (context, parsed, cancellationToken) => RunAsync(context, parsed.GetRequiredValue(files), cancellationToken));
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string[] files, CancellationToken cancellationToken)
    {
        var read = await context.Files.ReadAsync(files, "Nothing was applied.", cancellationToken);
        var documents = read.OrderBy(document => document.Type.Rank).ToList();
        ObjectChanges changes = new(context, "applying", "applied");
        var outcome = await changes.MakeAsync(
            documents,
            document =>
            {
                WriteChange change = new() { Put = KnownType.Pack(document.Envelope) };
                if (document.Revision is { } revision)
                    change.ExpectedRevision = revision;
                return change;
            },
            cancellationToken);
        changes.Report(documents, outcome);
        return ExitCode.Ok;
    }
}
