using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Notify.Storage.Embedded;

/// <summary>A folder of the machine's file system.</summary>
internal sealed partial class FileDisk : IDisk
{
    private const string LockName = "lock";

    /// <summary>Opens the folder, and creates it where there is none; then its name is durable.</summary>
    /// <exception cref="IOException">It is no folder, or cannot be made.</exception>
    public FileDisk(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        try
        {
            var parents = new List<string>();
            for (var missing = Path; !Directory.Exists(missing) && System.IO.Path.GetDirectoryName(missing) is { } parent; missing = parent)
            {
                parents.Add(parent);
            }

            Directory.CreateDirectory(Path);
            parents.ForEach(SyncNames);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e);
        }
    }

    public string Path { get; }

    public IDisposable Lock()
    {
        try
        {
            return new FileStream(In(LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            throw new StoreLockedException(Path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e);
        }
    }

    public IReadOnlyList<string> List() =>
        [.. Directory.EnumerateFiles(Path).Select(file => System.IO.Path.GetFileName(file)).Where(name => name != LockName).Order(StringComparer.Ordinal)];

    public Stream OpenRead(string name) =>
        new FileStream(In(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 20, FileOptions.SequentialScan);

    public IDiskFile Create(string name) => new DiskFile(File.OpenHandle(In(name), FileMode.Create, FileAccess.ReadWrite, FileShare.Read));

    public IDiskFile OpenAppend(string name) => new DiskFile(File.OpenHandle(In(name), FileMode.Open, FileAccess.ReadWrite, FileShare.Read));

    public void Rename(string from, string to) => File.Move(In(from), In(to), overwrite: true);

    public void Delete(string name) => File.Delete(In(name));

    public void SyncNames() => SyncNames(Path);

    private static void SyncNames(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // There a folder cannot be flushed; its file system keeps names in a journal of its own.
        }

        // The runtime does not open folders, so this goes to the C library.
        var descriptor = Open(folder, flags: 0);
        if (descriptor < 0)
        {
            throw Failed("open");
        }

        try
        {
            if (Fsync(descriptor) != 0)
            {
                throw Failed("fsync");
            }
        }
        finally
        {
            _ = Close(descriptor); // Opened for reading only: closing has nothing to lose.
        }
    }

    /// <summary>What the runtime makes of a lock that somebody else has: the error of the C library (of Linux, of macOS), or of Windows.</summary>
    private static bool IsHeldByAnother(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x8007_0020);

    private IOException Unusable(Exception e) => new(
        $"{Path} cannot be the store's folder: {e.Message.TrimEnd('.')}. It has to be a folder that this user may read and write, on a file system that is not read-only.", e);

    private static IOException Failed(string call) =>
        new($"{call}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}", Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int Fdatasync(SafeFileHandle file);

    private string In(string name) => System.IO.Path.Combine(Path, name);

    private sealed class DiskFile(SafeFileHandle handle) : IDiskFile
    {
        public long Length { get; private set; } = RandomAccess.GetLength(handle);

        public void Append(ReadOnlySpan<byte> bytes)
        {
            RandomAccess.Write(handle, bytes, Length);
            Length += bytes.Length;
        }

        public void Truncate(long length)
        {
            RandomAccess.SetLength(handle, length);
            Length = length;
        }

        public void Sync()
        {
            // The runtime's own flush is fsync, which also waits for times of the file that nobody reads.
            if (!OperatingSystem.IsLinux())
            {
                RandomAccess.FlushToDisk(handle);
            }
            else if (Fdatasync(handle) != 0)
            {
                throw Failed("fdatasync");
            }
        }

        public void Dispose() => handle.Dispose();
    }
}
