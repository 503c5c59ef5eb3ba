using System.CommandLine;
using System.Text.Json.Nodes;
using Notify.Core;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Storage.Embedded;

namespace Notify.Ctl.Commands;

/// <summary><c>restore FILE --data-dir DIR</c>: makes a folder for a controller from a backup.</summary>
internal static class RestoreCommand
{
    private const string Notes = """
        Works on files alone; no controller needs to run. The whole backup is checked before anything is written. The restored store has a new
        incarnation, because what was committed after the backup is gone: nodes that were connected before sync anew and drop what it had.
        """;

    public static Command Create(CtlHost host)
    {
        Argument<string> file = new("FILE") { Description = "A file that backup has written.", Validators = { PathArguments.NotEmpty } };
        Option<string> folder = new("--data-dir")
        {
            Description = "The folder to make: empty, or not there yet.",
            HelpName = "DIR",
            Required = true,
            Validators = { PathArguments.NotEmpty },
        };
        CtlCommand command = new("restore", "Make a data folder for a controller from a backup.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl restore notify.backup --data-dir /var/lib/notify",
                "notifyctl restore notify.backup --data-dir restored --json",
            ],
            Arguments = { file },
            Options = { folder },
        };
        return host.Bind(command, (context, parsed, _) => Task.FromResult(Run(context, parsed.GetRequiredValue(file), parsed.GetRequiredValue(folder))));
    }

    private static ExitCode Run(CommandContext context, string file, string folder)
    {
        using var backup = Open(file);
        try
        {
            var (identity, revision) = EmbeddedObjectStore.Restore(backup, folder, new Random());
            if (context.Format == OutputFormat.Table)
            {
                context.Out.Line($"{folder} has the objects of {file} as of revision {revision}, in the new incarnation {identity.Incarnation:N}");
                context.Error.Line($"Start a controller with --data-dir {folder}. Nodes that were connected to the store before sync with it anew.");
            }
            else
            {
                context.WriteValue(new JsonObject
                {
                    ["dataDir"] = folder,
                    ["revision"] = revision,
                    ["store"] = identity.Store.ToString("N"),
                    ["incarnation"] = identity.Incarnation.ToString("N"),
                });
            }
            return ExitCode.Ok;
        }
        catch (StoreCorruptException e)
        {
            throw new CtlException(ExitCode.Failed, $"{file} is damaged at offset {e.Offset}: {e.Reason}. Nothing was restored.", "Restore another backup.");
        }
        catch (StoreFormatException e)
        {
            throw new CtlException(ExitCode.Failed, $"{file} has format {e.Format}, which is newer than this program. Nothing was restored.", "Use the notifyctl that wrote it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotifyException)
        {
            throw new CtlException(ExitCode.Failed, $"{e.Message.TrimEnd('.')}. Nothing was restored.");
        }
    }

    private static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CtlException(ExitCode.Usage, $"{file}: there is no such file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CtlException(ExitCode.Usage, $"{file}: it cannot be read: {e.Message}");
        }
    }
}
