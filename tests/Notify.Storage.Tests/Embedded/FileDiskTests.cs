using Notify.Storage.Embedded;

namespace Notify.Storage.Tests.Embedded;

public sealed class FileDiskTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("notify-disk-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Append_ToAFullDevice_IsAnIoExceptionThatSaysSo()
    {
        // The one device of every Linux that is always full.
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "log"), "/dev/full");
        using var file = new FileDisk(_folder.FullName).OpenAppend("log");

        Assert.Contains("No space left", Assert.ThrowsAny<IOException>(() => file.Append("text"u8)).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Lock_Twice_IsRefusedTheSecondTime()
    {
        var disk = new FileDisk(_folder.FullName);
        using (disk.Lock())
        {
            Assert.Throws<StoreLockedException>(disk.Lock);
        }

        using var again = disk.Lock();
    }

    [Fact]
    public void Lock_ThatCannotBeMade_IsNoOtherController()
    {
        // As where there are no rights or the file system is read-only: nobody has the folder, and it cannot be used.
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "lock"));

        var e = Assert.ThrowsAny<Exception>(new FileDisk(_folder.FullName).Lock);

        Assert.IsNotType<StoreLockedException>(e);
        Assert.Contains("cannot be the store's folder", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_BelowAFile_SaysWhatItHasToBe()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");

        var e = Assert.ThrowsAny<IOException>(() => new FileDisk(Path.Combine(file, "data")));

        Assert.Contains("has to be a folder that this user may read and write", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_SeveralLevelsDeep_IsMade()
    {
        var path = Path.Combine(_folder.FullName, "a", "b", "c");

        Assert.Empty(new FileDisk(path).List());

        Assert.True(Directory.Exists(path));
    }
}
