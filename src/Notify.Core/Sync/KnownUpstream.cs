using Notify.Core.Journal;
using Notify.Core.Sessions;
using Notify.Core.Types;

namespace Notify.Core.Sync;

/// <summary>
/// What a node knows of its upstream beyond any one session: where it can resume, and what it asked for. Guarded by the lock of the mirror.
/// </summary>
internal sealed class KnownUpstream
{
    private readonly Dictionary<uint, InterestEntry> _entries = [];
    private readonly Dictionary<(string Type, Selector Selector), InterestEntry> _wanted = [];
    private long _storedHead;
    private (uint Stored, uint Dynamic) _answered;
    private uint _lastNumber;

    /// <summary>What the upstream says of dynamic objects.</summary>
    public Carrier Carrier { get; } = new(notifyId: 0, Origin.Upstream);

    /// <summary>The highest attachment number of each owner of what came from above: a session of that node below is a later one, and goes on above it.</summary>
    public Dictionary<string, long> Attachments { get; } = new(StringComparer.Ordinal);

    /// <summary>What this node asked for, by number: what it wants, and what it took back without the upstream's answer yet.</summary>
    public IReadOnlyDictionary<uint, InterestEntry> Entries => _entries;

    /// <summary>What this node wants.</summary>
    public IReadOnlyCollection<InterestEntry> Wanted => _wanted.Values;

    /// <summary>The upstream's dynamic space; changes with the hub and with its restarts.</summary>
    public Space? DynamicSpace { get; set; }

    /// <summary>The generation in which <see cref="DynamicSpace"/> was first seen: stamps confirmed before it count no more.</summary>
    public long DynamicSpaceSince { get; set; }

    /// <summary>Counts bundles from upstream; objects remember the one that confirmed them.</summary>
    public long Generation { get; set; }

    /// <summary>The newest revision of the store that the upstream has told of. Read without the lock.</summary>
    public long StoredHead
    {
        get => Volatile.Read(ref _storedHead);
        set => Volatile.Write(ref _storedHead, value);
    }

    /// <summary>Number of the last session. The next one has a higher one.</summary>
    public long Attachment { get; set; }

    /// <summary>Process of the hub that took this node in last. What another one remembers of this node is not how far it has been since.</summary>
    public string HubProcess { get; set; } = "";

    /// <summary>The session that feeds this mirror, and through which changes of interest go; or null.</summary>
    public ClientSession? Session { get; set; }

    /// <summary>A session that has said hello and was not welcomed yet; while another one feeds this mirror, that waits.</summary>
    public ClientSession? Opening { get; set; }

    /// <summary>A session passes changes of interest on, or will.</summary>
    public bool HasSession => Session is not null || Opening is not null;

    /// <summary>
    /// The revision of a bundle too large to keep aside of which a part was committed and the end was not, or null. What shows is no whole
    /// epoch, and versions up to that revision are in it: no hub behind it may go on from here.
    /// </summary>
    public long? StoredPartOf { get; set; }

    /// <summary>The same of the dynamic space.</summary>
    public bool DynamicIsPartial { get; set; }

    /// <summary>Objects that the upstream said are gone, of an interest that has changed since: they stay until it has answered what is asked for now.</summary>
    public HashSet<ObjectId> SaidGone { get; } = [];

    /// <summary>Objects of which a whole sync of one item proved that they are gone, and which stay for others that are not complete.</summary>
    public HashSet<ObjectId> Doubtful { get; } = [];

    /// <summary>Types with objects that may be gone, and that an item which is complete covers: a relay can call nothing of them complete.</summary>
    public HashSet<string> DoubtfulTypes { get; } = new(StringComparer.Ordinal);

    /// <summary>The upstream has brought an object, or it is removed: it is in no doubt.</summary>
    public void Confirm(ObjectId id)
    {
        SaidGone.Remove(id);
        Doubtful.Remove(id);
    }

    /// <summary>Number of the last interest change that the session passed on; 0 before the first.</summary>
    public uint InterestTold { get; set; }

    /// <summary>Bundles of both spaces have reflected every change that was passed on.</summary>
    public bool IsInterestAnswered => HasAnswered(isStored: true) && HasAnswered(isStored: false);

    /// <summary>A bundle of the space has reflected every change that was passed on.</summary>
    public bool HasAnswered(bool isStored) => (isStored ? _answered.Stored : _answered.Dynamic) == InterestTold;

    /// <summary>A bundle of a space reflects the changes up to a number.</summary>
    public void AnswerInterest(bool isStored, uint number) =>
        _answered = isStored ? (number, _answered.Dynamic) : (_answered.Stored, number);

    /// <summary>The session that passed changes on is over, and what it left open is settled.</summary>
    public void ForgetInterestTold()
    {
        foreach (var entry in Entries.Values)
        {
            entry.ToldIn = 0;
        }

        InterestTold = 0;
        _answered = default;
    }

    public IEnumerable<InterestEntry> OfType(string type) => Entries.Values.Where(entry => entry.Type == type);

    /// <summary>The entry of something that this node wants, or null.</summary>
    public InterestEntry? Find((string Type, Selector Selector) item) => _wanted.GetValueOrDefault(item);

    /// <summary>Adds an entry for something that is wanted and was not.</summary>
    public InterestEntry Add(string type, Selector selector, uint toldIn)
    {
        var entry = new InterestEntry(++_lastNumber, type, selector) { ToldIn = toldIn };
        _entries.Add(entry.Number, entry);
        _wanted.Add((type, selector), entry);
        return entry;
    }

    /// <summary>The interest change of that number takes an entry back.</summary>
    public void Withdraw(InterestEntry entry, uint toldIn)
    {
        entry.WithdrawnIn = toldIn;
        _wanted.Remove((entry.Type, entry.Selector));
    }

    /// <summary>Forgets an entry.</summary>
    public void Remove(InterestEntry entry)
    {
        _entries.Remove(entry.Number);
        if (entry.WithdrawnIn is null)
        {
            _wanted.Remove((entry.Type, entry.Selector));
        }
    }
}
