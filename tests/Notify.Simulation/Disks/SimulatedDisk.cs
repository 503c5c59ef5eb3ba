using Notify.Storage.Embedded;

namespace Notify.Simulation.Disks;

/// <summary>
/// A disk that forgets what was not synced. It can lose power before any of its operations, be full, and fail to sync. Not thread safe.
/// </summary>
internal sealed class SimulatedDisk : IDisk
{
    private Dictionary<string, Content> _files = new(StringComparer.Ordinal);
    private Dictionary<string, Content> _durableNames = new(StringComparer.Ordinal);

    // What was done to names since they were synced, in order.
    private List<Action<Dictionary<string, Content>>> _unsyncedNames = [];
    private bool _locked;

    /// <summary>How many operations that write there were.</summary>
    public int Operations { get; private set; }

    /// <summary>The power goes before this operation, counted from 0; null: never.</summary>
    public int? PowerLossAt { get; set; }

    /// <summary>Bytes that still fit; null: any number.</summary>
    public long? Room { get; set; }

    /// <summary>Syncing a file fails.</summary>
    public bool FailsToSync { get; set; }

    /// <summary>How many times a file was synced.</summary>
    public int Syncs { get; private set; }

    public string Path => "disk";

    /// <summary>Bytes of all files.</summary>
    public long Bytes => _files.Values.Sum(file => (long)file.Bytes.Length);

    /// <summary>
    /// The disk after the power came back: synced bytes and names are there. Of what was done to names since, what <paramref name="keepsName"/> says
    /// each time; of each file's unsynced end the number of bytes that <paramref name="kept"/> chooses, up to all of them, of which as many as
    /// <paramref name="lost"/> chooses are zeros.
    /// </summary>
    public SimulatedDisk AfterPowerLoss(Func<bool> keepsName, Func<int, int> kept, Func<int, int>? lost = null)
    {
        var after = new SimulatedDisk();
        var names = new Dictionary<string, Content>(_durableNames, StringComparer.Ordinal);
        foreach (var change in _unsyncedNames.Where(_ => keepsName()))
        {
            change(names);
        }

        foreach (var (name, content) in names)
        {
            var common = content.Bytes.AsSpan().CommonPrefixLength(content.Durable);
            var bytes = content.Bytes.Length < content.Durable.Length && kept(1) == 0
                ? content.Durable // Cut off, and the cut was forgotten.
                : content.Bytes[..(common + kept(content.Bytes.Length - common))];
            if (lost is not null && bytes.Length > common)
            {
                bytes = [.. bytes]; // Pages of one write arrive in any order.
                bytes.AsSpan(common, lost(bytes.Length - common)).Clear();
            }

            after._files[name] = new Content { Bytes = bytes, Durable = bytes };
        }

        after._durableNames = new(after._files, StringComparer.Ordinal);
        return after;
    }

    /// <summary>The disk after its process died: the machine still has all that was written, synced or not.</summary>
    public SimulatedDisk AfterKill() => new() { _files = _files, _durableNames = _durableNames, _unsyncedNames = _unsyncedNames };

    /// <summary>Changes a byte of a file, as a failing medium would.</summary>
    public void Flip(string name, int offset)
    {
        var content = _files[name];
        content.Bytes = [.. content.Bytes];
        content.Bytes[offset] ^= 0x10;
        content.Durable = content.Bytes;
    }

    /// <summary>Bytes of a file.</summary>
    public byte[] Read(string name) => _files[name].Bytes;

    /// <summary>A copy with nothing unsynced.</summary>
    public SimulatedDisk Copy() => AfterPowerLoss(keepsName: static () => true, kept: static all => all);

    public IDisposable Lock()
    {
        if (_locked)
        {
            throw new StoreLockedException(Path);
        }

        _locked = true;
        return new Unlock(this);
    }

    public IReadOnlyList<string> List() => [.. _files.Keys.Order(StringComparer.Ordinal)];

    public Stream OpenRead(string name) => new MemoryStream(_files[name].Bytes, writable: false);

    public IDiskFile Create(string name)
    {
        Operate();
        var content = new Content();
        ChangeNames(names => names[name] = content);
        return new DiskFile(this, content);
    }

    public IDiskFile OpenAppend(string name) => new DiskFile(this, _files[name]);

    public void Rename(string from, string to)
    {
        Operate();
        var content = _files[from];
        ChangeNames(names =>
        {
            names.Remove(from);
            names[to] = content;
        });
    }

    public void Delete(string name)
    {
        Operate();
        ChangeNames(names => names.Remove(name));
    }

    public void SyncNames()
    {
        Operate();
        _durableNames = new(_files, StringComparer.Ordinal);
        _unsyncedNames.Clear();
    }

    private void ChangeNames(Action<Dictionary<string, Content>> change)
    {
        change(_files);
        _unsyncedNames.Add(change);
    }

    private void Operate()
    {
        if (Operations >= PowerLossAt)
        {
            throw new PowerLossException();
        }

        Operations++;
    }

    private sealed class Content
    {
        public byte[] Bytes { get; set; } = [];

        public byte[] Durable { get; set; } = [];
    }

    private sealed class DiskFile(SimulatedDisk disk, Content content) : IDiskFile
    {
        public long Length => content.Bytes.Length;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            disk.Operate();
            var fits = (int)Math.Min(bytes.Length, disk.Room ?? bytes.Length);
            content.Bytes = [.. content.Bytes, .. bytes[..fits]];
            disk.Room -= fits;
            if (fits < bytes.Length)
            {
                throw new IOException("No space left on device");
            }
        }

        public void Truncate(long length)
        {
            disk.Operate();
            disk.Room += content.Bytes.Length - length;
            content.Bytes = content.Bytes[..(int)length];
        }

        public void Sync()
        {
            disk.Operate();
            disk.Syncs++;
            if (disk.FailsToSync)
            {
                throw new IOException("Input/output error");
            }

            content.Durable = content.Bytes;
        }

        public void Dispose()
        {
        }
    }

    private sealed class Unlock(SimulatedDisk disk) : IDisposable
    {
        public void Dispose() => disk._locked = false;
    }
}
