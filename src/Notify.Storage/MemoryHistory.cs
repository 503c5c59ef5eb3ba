using System.Collections.Immutable;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Storage;

/// <summary>
/// The newest epochs of a <see cref="MemoryObjectStore"/>, each with the versions it replaced, so that the state can be taken back to
/// where the history begins. Revisions have no gaps here. Not thread safe: the store's lock guards it.
/// </summary>
internal sealed class MemoryHistory(int revisionsMax, long bytesMax)
{
    private readonly Dictionary<long, Entry> _entries = [];
    private long _bytes;

    /// <summary>The oldest revision whose state can be shown; the entries begin right after it.</summary>
    public long Oldest { get; private set; }

    public long Head { get; private set; }

    public StoreEpoch this[long revision] => _entries[revision].Epoch;

    public void Add(StoreEpoch epoch, ImmutableArray<Envelope?> replaced, ImmutableArray<TypeDeclaration?> replacedTypes)
    {
        Head = epoch.Revision;
        var entry = new Entry(epoch, replaced, replacedTypes);
        _entries.Add(Head, entry);
        _bytes += entry.Bytes;
        while (_entries.Count > 1 && (_entries.Count > revisionsMax || _bytes > bytesMax))
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

    /// <summary>Takes objects and types, which are those of the head, back to what they were as of <paramref name="revision"/>.</summary>
    public void Undo(Dictionary<ObjectId, Envelope> state, Dictionary<string, TypeDeclaration> types, long revision)
    {
        for (var undone = Head; undone > revision; undone--)
        {
            var (epoch, replaced, replacedTypes) = _entries[undone];
            for (var i = 0; i < replacedTypes.Length; i++)
            {
                var name = epoch.Declarations[i].Name;
                if (replacedTypes[i] is { } before)
                {
                    types[name] = before;
                }
                else
                {
                    types.Remove(name);
                }
            }

            for (var i = 0; i < replaced.Length; i++)
            {
                var id = epoch.Changes[i].Id;
                if (replaced[i] is { } before)
                {
                    state[id] = before;
                }
                else
                {
                    state.Remove(id);
                }
            }
        }
    }

    private void DropOldest()
    {
        Oldest++;
        _entries.Remove(Oldest, out var entry);
        _bytes -= entry!.Bytes;
    }

    private sealed record Entry(StoreEpoch Epoch, ImmutableArray<Envelope?> Replaced, ImmutableArray<TypeDeclaration?> ReplacedTypes)
    {
        public long Bytes { get; } =
            Epoch.Changes.Sum(StoreLimits.SizeOf) + Replaced.OfType<Envelope>().Sum(before => StoreLimits.SizeOf(StoreChange.Put(before)));
    }
}
