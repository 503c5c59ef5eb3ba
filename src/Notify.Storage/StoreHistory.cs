using System.Collections.Immutable;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Storage;

/// <summary>
/// The newest epochs of a store, each with what it replaced, so that the state can be taken back to where the history begins. Revisions
/// have no gaps here. Not thread safe: the store's lock guards it.
/// </summary>
internal sealed class StoreHistory(int revisionsMax, long bytesMax)
{
    private readonly Dictionary<long, Entry> _entries = [];
    private long _bytes;

    /// <summary>The oldest revision whose state can be shown; the entries begin right after it.</summary>
    public long Oldest { get; private set; }

    public long Head { get; private set; }

    public StoreEpoch this[long revision] => _entries[revision].Epoch;

    /// <summary>Begins an empty history at a revision.</summary>
    public void Start(long revision)
    {
        _entries.Clear();
        (Oldest, Head, _bytes) = (revision, revision, 0);
    }

    public void Add(Entry entry)
    {
        Head = entry.Epoch.Revision;
        _entries.Add(Head, entry);
        _bytes += entry.Bytes;
    }

    /// <summary>Forgets what is beyond the bounds, but nothing above a revision.</summary>
    public void Trim(long upTo)
    {
        while (Oldest < upTo && _entries.Count > 1 && (_entries.Count > revisionsMax || _bytes > bytesMax))
        {
            DropOldest();
        }
    }

    public void Compact(long revision)
    {
        while (Oldest < Math.Min(revision, Head))
        {
            DropOldest();
        }
    }

    /// <summary>The entries above a revision, newest first: applied backwards in this order, they take the head's state back to it.</summary>
    public Entry[] Above(long revision)
    {
        var entries = new Entry[Head - revision];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = _entries[Head - i];
        }

        return entries;
    }

    /// <summary>Takes out the entries above a revision, newest first.</summary>
    public Entry[] TakeAbove(long revision)
    {
        var taken = Above(revision);
        foreach (var entry in taken)
        {
            _entries.Remove(entry.Epoch.Revision);
            _bytes -= entry.Bytes;
        }

        Head = revision;
        return taken;
    }

    private void DropOldest()
    {
        Oldest++;
        _entries.Remove(Oldest, out var entry);
        _bytes -= entry!.Bytes;
    }

    /// <summary>One epoch and what was before it.</summary>
    /// <param name="Epoch">The epoch.</param>
    /// <param name="Replaced">For each change the version before, or null.</param>
    /// <param name="ReplacedTypes">For each declaration the one before, or null.</param>
    internal sealed record Entry(StoreEpoch Epoch, ImmutableArray<Envelope?> Replaced, ImmutableArray<TypeDeclaration?> ReplacedTypes)
    {
        public long Bytes { get; } =
            Epoch.Changes.Sum(StoreLimits.SizeOf) + Replaced.OfType<Envelope>().Sum(before => StoreLimits.SizeOf(StoreChange.Put(before)));

        /// <summary>Takes a state that has this epoch as its last one back to before it.</summary>
        public void Undo(Dictionary<ObjectId, Envelope> objects, Dictionary<string, TypeDeclaration> types)
        {
            for (var i = 0; i < ReplacedTypes.Length; i++)
            {
                var name = Epoch.Declarations[i].Name;
                if (ReplacedTypes[i] is { } before)
                {
                    types[name] = before;
                }
                else
                {
                    types.Remove(name);
                }
            }

            for (var i = 0; i < Replaced.Length; i++)
            {
                var id = Epoch.Changes[i].Id;
                if (Replaced[i] is { } before)
                {
                    objects[id] = before;
                }
                else
                {
                    objects.Remove(id);
                }
            }
        }
    }
}
