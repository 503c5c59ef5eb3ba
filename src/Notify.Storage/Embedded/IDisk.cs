namespace Notify.Storage.Embedded;

/// <summary>
/// The folder of an embedded store, as much of a file system as it needs. What was written is sure to be there after a crash only once
/// it was synced: a file's bytes by <see cref="IDiskFile.Sync"/>, names by <see cref="SyncNames"/>. Everything may throw <see cref="IOException"/>.
/// </summary>
internal interface IDisk
{
    /// <summary>Where it is, for messages.</summary>
    string Path { get; }

    /// <summary>Takes the folder for this process until the result is disposed of.</summary>
    /// <exception cref="StoreLockedException">Another process has it.</exception>
    IDisposable Lock();

    /// <summary>Names of the files in it.</summary>
    IReadOnlyList<string> List();

    /// <summary>Opens a file to read it from the start.</summary>
    Stream OpenRead(string name);

    /// <summary>Creates a file, empty, in place of one of the same name.</summary>
    IDiskFile Create(string name);

    /// <summary>Opens a file to write at its end.</summary>
    IDiskFile OpenAppend(string name);

    /// <summary>Gives a file another name, in place of a file that has it.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file.</summary>
    void Delete(string name);

    /// <summary>Makes creations, new names and deletions durable.</summary>
    void SyncNames();
}
