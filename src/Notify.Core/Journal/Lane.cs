using System.Diagnostics;

namespace Notify.Core.Journal;

/// <summary>
/// Entries in the order of commits, at most one per key: a list of sorted chunks. Appending and clearing cost O(1) amortised; a
/// cut shares the chunks. Guarded by the lock of its mirror.
/// </summary>
/// <remarks>
/// Invariants: chunks are never empty; sequences never fall; a chunk that a cut shares is only appended to, beyond the count that the cut
/// remembers, and is copied before anything else happens to it.
/// </remarks>
internal sealed class Lane(int markersMax, long floor, long floorSequence)
{
    private const int ChunkCapacity = 128;

    private readonly List<Chunk> _chunks = [];
    private readonly Queue<LaneEntry> _markers = new();
    private int _liveMarkers;
    private long _nextPosition;

    /// <summary>Resuming from a revision at or above this misses nothing: no marker above it was dropped or never known.</summary>
    public long Floor { get; private set; } = floor;

    /// <summary>The floor as a sequence, for cursors of live sessions.</summary>
    public long FloorSequence { get; private set; } = floorSequence;

    /// <summary>Entries, markers included.</summary>
    public int Count { get; private set; }

    public void Append(LaneEntry entry)
    {
        if (_chunks.Count == 0 || _chunks[^1].Count == ChunkCapacity)
        {
            _chunks.Add(new Chunk());
        }

        Debug.Assert(_chunks[^1].Count == 0 || _chunks[^1].Last.Sequence <= entry.Sequence, "Lane entries come in commit order.");
        entry.Position = _nextPosition++;
        _chunks[^1].Append(entry);
        Count++;
        if (entry.IsMarker)
        {
            _markers.Enqueue(entry);
            _liveMarkers++;
        }
    }

    /// <summary>Clears the slot of an entry that a newer one replaces, or that nobody needs.</summary>
    public void Remove(LaneEntry entry)
    {
        var at = ChunkOf(entry);
        var chunk = _chunks[at];
        if (chunk.Shared)
        {
            _chunks[at] = chunk = chunk.Copy();
        }

        chunk.Remove(entry);
        Count--;
        if (entry.IsMarker)
        {
            _liveMarkers--;
        }

        if (chunk.Count == 0)
        {
            _chunks.RemoveAt(at);
        }
        else if (at + 1 < _chunks.Count && chunk.Count + _chunks[at + 1].Count <= ChunkCapacity / 2)
        {
            // Keys that change often leave sparse chunks behind; joining them keeps memory in proportion to the live entries.
            chunk.Append(_chunks[at + 1]);
            _chunks.RemoveAt(at + 1);
        }
    }

    /// <summary>
    /// Drops the oldest markers above the limit and raises the floor over them. Returns what was dropped, so that records of keys can go too.
    /// </summary>
    public List<LaneEntry>? TrimMarkers()
    {
        List<LaneEntry>? dropped = null;
        while (_liveMarkers > markersMax)
        {
            var oldest = _markers.Dequeue();
            if (Contains(oldest))
            {
                Remove(oldest);
                Floor = Math.Max(Floor, oldest.Revision);
                FloorSequence = Math.Max(FloorSequence, oldest.Sequence);
                (dropped ??= []).Add(oldest);
            }
        }

        if (_markers.Count > 2 * (_liveMarkers + 16))
        {
            // Markers that were replaced by newer entries are only remembered here; forget them.
            var live = _markers.Where(Contains).ToArray();
            _markers.Clear();
            Array.ForEach(live, _markers.Enqueue);
        }

        return dropped;
    }

    /// <summary>Declares that nothing is known of markers up to a revision.</summary>
    public void RaiseFloor(long revision, long sequence)
    {
        Floor = Math.Max(Floor, revision);
        FloorSequence = Math.Max(FloorSequence, sequence);
    }

    /// <summary>A stable view of all entries with a higher sequence.</summary>
    public LaneCut CutAfterSequence(long sequence) => Cut(entry => entry.Sequence > sequence);

    /// <summary>A stable view of all entries with a higher entry revision.</summary>
    public LaneCut CutAfterRevision(long revision) => Cut(entry => entry.Revision > revision);

    private LaneCut Cut(Func<LaneEntry, bool> isAfter)
    {
        // Entries are in order, so the first chunk whose last entry is after the cursor is where the cut starts.
        var (low, high) = (0, _chunks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = isAfter(_chunks[middle].Last) ? (low, middle) : (middle + 1, high);
        }

        if (low == _chunks.Count)
        {
            return LaneCut.Empty;
        }

        var parts = new ArraySegment<LaneEntry>[_chunks.Count - low];
        var count = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            var chunk = _chunks[low + i];
            chunk.Shared = true;
            var start = i == 0 ? chunk.IndexOfFirst(isAfter) : 0;
            parts[i] = chunk.Part(start);
            count += parts[i].Count;
        }

        return new LaneCut(parts, count);
    }

    private bool Contains(LaneEntry entry)
    {
        var at = ChunkOf(entry);
        return at < _chunks.Count && _chunks[at].IndexOf(entry) >= 0;
    }

    /// <summary>The chunk that holds the entry, if the lane does.</summary>
    private int ChunkOf(LaneEntry entry)
    {
        var (low, high) = (0, _chunks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _chunks[middle].Last.Position >= entry.Position ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private sealed class Chunk
    {
        private LaneEntry[] _entries = new LaneEntry[4];

        public int Count { get; private set; }

        public bool Shared { get; set; }

        public LaneEntry Last => _entries[Count - 1];

        public void Append(LaneEntry entry)
        {
            Reserve(Count + 1);
            _entries[Count++] = entry;
        }

        public void Append(Chunk other)
        {
            Reserve(Count + other.Count);
            Array.Copy(other._entries, 0, _entries, Count, other.Count);
            Count += other.Count;
        }

        public Chunk Copy()
        {
            var copy = new Chunk();
            copy.Append(this);
            return copy;
        }

        public void Remove(LaneEntry entry)
        {
            Debug.Assert(!Shared, "A shared chunk is copied before a slot is cleared.");
            var index = IndexOf(entry);
            Debug.Assert(index >= 0, "The entry to clear is in the lane.");
            Count--;
            Array.Copy(_entries, index + 1, _entries, index, Count - index);
            _entries[Count] = null!; // Slots at and above Count are never read.
        }

        public int IndexOf(LaneEntry entry)
        {
            var (low, high) = (0, Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _entries[middle].Position >= entry.Position ? (low, middle) : (middle + 1, high);
            }

            return low < Count && ReferenceEquals(_entries[low], entry) ? low : -1;
        }

        public int IndexOfFirst(Func<LaneEntry, bool> isAfter)
        {
            var (low, high) = (0, Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = isAfter(_entries[middle]) ? (low, middle) : (middle + 1, high);
            }

            return low;
        }

        public ArraySegment<LaneEntry> Part(int start) => new(_entries, start, Count - start);

        private void Reserve(int count)
        {
            if (count > _entries.Length)
            {
                // A cut may hold the old array; growing leaves it as it is.
                Array.Resize(ref _entries, Math.Max(count, _entries.Length * 2));
            }
        }
    }
}
