using Notify.Storage.Embedded;

namespace Notify.Ctl.Commands;

/// <summary>A file that is there as a whole or not at all.</summary>
/// <param name="path">Its path.</param>
/// <param name="force">It may replace one that is there.</param>
internal sealed class BackUpFile(string path, bool force)
{
    public string Path => path;

    /// <summary>Has the file written under another name, and gives it its own when all of it is on the disk.</summary>
    /// <exception cref="CtlException">There is such a file, or it cannot be written.</exception>
    public async Task<T> WriteAsync<T>(Func<Stream, Task<T>> write)
    {
        ThrowIfRefused();
        var unfinished = path + ".tmp";
        try
        {
            T result;
            // Nobody else: two that write the same file would mix.
            await using (FileStream output = new(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                result = await Remove(unfinished, () => write(output));
                output.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path, overwrite: force);
            new FileDisk(FolderOf(path)).SyncNames();
            return result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CtlException(ExitCode.Failed, $"{path} cannot be written: {e.Message.TrimEnd('.')}.");
        }
    }

    private static string FolderOf(string path) => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) ?? System.IO.Path.GetFullPath(path);

    /// <summary>Removes the file if the work fails, while nobody else can have it open.</summary>
    private static async Task<T> Remove<T>(string file, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch
        {
            File.Delete(file);
            throw;
        }
    }

    private void ThrowIfRefused()
    {
        if (Directory.Exists(path))
            throw new CtlException(ExitCode.Usage, $"{path} is a folder.", "Name a file in it.");
        if (!Directory.Exists(FolderOf(path)))
            throw new CtlException(ExitCode.Usage, $"there is no folder {FolderOf(path)}.");
        if (File.Exists(path) && !force)
            throw new CtlException(ExitCode.Usage, $"{path} is there already.", "Choose another name, or replace it with --force.");
    }
}
