using System.Diagnostics;
using System.Runtime.InteropServices;
using Notify.Core.Protocol;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary>An object in a file that somebody edits. Disposing deletes it, unless it is to be kept.</summary>
internal sealed class EditedFile : IDisposable
{
    private readonly string _editor;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("notifyctl-edit-"); // Readable by this user only.
    private readonly string _before;
    private bool _isKept;

    public EditedFile(CommandContext context, KnownType type, ObjectView view)
    {
        _editor = new[] { context.Variable("VISUAL"), context.Variable("EDITOR") }.FirstOrDefault(editor => !string.IsNullOrWhiteSpace(editor)) ?? "vi";
        Path = System.IO.Path.Combine(_folder.FullName, type.ShortName.ToLowerInvariant() + ".yaml");
        using StringWriter text = new() { NewLine = "\n" };
        text.WriteLine($"# {type.NameOf(view.Key)} of {context.Node.Address}. It is written when the editor ends, if it is still at this revision then.");
        text.WriteLine("# Leave it as it is to change nothing.");
        new YamlWriter(text).Write(context.Text.ToDocument(type, type.Descriptor.Parser.ParseFrom(view.Value.Value), view.Revision, plainNumbers: true));
        _before = text.ToString();
        File.WriteAllText(Path, _before);
    }

    public string Path { get; }

    /// <summary>What to do with it after a failure.</summary>
    public string Remedy => $"Your edit is kept in {Path}; notifyctl apply -f takes it.";

    public bool IsChanged { get; private set; }

    /// <summary>Has it edited.</summary>
    /// <exception cref="CtlException">The editor failed. An edit that was saved is kept.</exception>
    public async Task EditAsync()
    {
        // Ctrl-C in the editor reaches this process too.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"{_editor} \"$1\"", "sh", Path])) ?? throw new InvalidOperationException("No process was started.");
        await process.WaitForExitAsync(CancellationToken.None);
        IsChanged = !File.Exists(Path) || await File.ReadAllTextAsync(Path) != _before;
        if (process.ExitCode == 0 && File.Exists(Path))
            return;
        _isKept = IsChanged && File.Exists(Path);
        throw new CtlException(
            ExitCode.Failed, $"the editor '{_editor}' {(process.ExitCode == 0 ? "removed the file" : $"ended with exit code {process.ExitCode}")}. Nothing was changed.",
            _isKept ? Remedy : "Name another one by the variable EDITOR.");
    }

    public void Keep() => _isKept = true;

    public void Discard() => _isKept = false;

    public void Dispose()
    {
        if (!_isKept)
            _folder.Delete(recursive: true);
    }
}
