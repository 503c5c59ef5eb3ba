using System.CommandLine;
using System.Text.Json.Nodes;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;

namespace Notify.Ctl.Commands;

/// <summary><c>backup FILE</c>: saves the store of a controller.</summary>
internal static class BackUpCommand
{
    private const string Notes = """
        The controller at --address goes on taking commits; the backup has all objects of one revision. It is written to FILE.tmp, and gets its
        name when all of it is on the disk: a FILE that is there is whole. --timeout is how long the controller may be silent. Objects that nodes
        own are not in the store, and not in the backup: their nodes send them again.
        """;

    public static Command Create(CtlHost host)
    {
        Argument<string> file = new("FILE") { Description = "Where to write the backup.", Validators = { PathArguments.NotEmpty } };
        Option<bool> force = new("--force") { Description = "Replace FILE where there is one." };
        CtlCommand command = new("backup", "Save the store of a controller to a file, while it runs.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl backup notify.backup",
                "notifyctl backup /var/backups/notify --force --address controller-1:7000",
                "notifyctl backup notify.backup --json",
            ],
            Arguments = { file },
            Options = { force },
        };
        return host.Bind(command, (context, parsed, cancellationToken) =>
            RunAsync(context, new BackUpFile(parsed.GetRequiredValue(file), parsed.GetValue(force)), cancellationToken));
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, BackUpFile file, CancellationToken cancellationToken)
    {
        var (last, bytes) = await file.WriteAsync(output => ProgressBar.RunAsync(
            context.Error, "backing up", bar => ReceiveAsync(context, output, bar, cancellationToken)));
        if (context.Format == OutputFormat.Table)
            context.Out.Line($"{last.Objects} {(last.Objects == 1 ? "object" : "objects")} at revision {last.Revision} saved to {file.Path} ({Sizes.Format(bytes)})");
        else
            context.WriteValue(new JsonObject { ["file"] = file.Path, ["objects"] = last.Objects, ["revision"] = last.Revision, ["bytes"] = bytes });
        return ExitCode.Ok;
    }

    /// <summary>Writes the pieces, and gives the last message and the number of bytes.</summary>
    private static async Task<(BackUpResponse Last, long Bytes)> ReceiveAsync(
        CommandContext context, Stream output, Action<double, double> progress, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        try
        {
            await using var call = context.Node.Stream(AdminMethods.BackUp, new BackUpRequest(), endless: true, cancellationToken);
            while (await call.WaitToReadAsync(context.Node, cancellationToken))
            {
                while (call.TryRead(out var response))
                {
                    await output.WriteAsync(response.Piece.Memory, cancellationToken);
                    bytes += response.Piece.Length;
                    progress(response.ObjectsSoFar, Math.Max(1, response.Objects));
                    if (response.Done)
                        return (response, bytes);
                }
            }
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.Unimplemented)
        {
            throw new CtlException(
                ExitCode.Failed, $"{context.Node.Address} keeps no store in files, so there is nothing to save.", "Name a controller with a --data-dir by --address.");
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.DeadlineExceeded)
        {
            throw new CtlException(
                ExitCode.Unreachable, $"{context.Node.Address} sent nothing more within {Durations.Format(context.Node.Timeout)}. No file was written.",
                "Give it longer with --timeout.");
        }
        throw new CtlException(ExitCode.Failed, $"{context.Node.Address} ended the backup before it was whole. No file was written.", "Run the command again.");
    }
}
