using Notify.Core.Journal;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>
/// The mirror of a node: every object it holds, of all types, and the journal of how it came to that. Thread safe. Reading takes no lock;
/// everything that changes takes the one lock, for as long as it takes to change tables in memory, never across encoding or I/O.
/// </summary>
public sealed partial class Mirror
{
    private readonly Lock _gate = new();
    private readonly MirrorOptions _options;
    private readonly List<Action> _wakes = [];
    private bool _publishesShared;
    private volatile MirrorSnapshot _current;

    /// <summary>Creates an empty mirror.</summary>
    public Mirror(TypeTable types, MirrorOptions options)
    {
        (Types, _options) = (types, options);
        StoredJournal = new SpaceJournal(types, options.Limits, options.HasDownstream || options.IsRelay) { HasOwners = true };
        DynamicJournal = new SpaceJournal(types, options.Limits, options.HasDownstream || options.IsRelay);
        DynamicJournal.BeginSpace(options.DynamicSpace, revision: 0);
        _current = new MirrorSnapshot(0, types, StoredJournal.Snapshot, DynamicJournal.Snapshot);
        _dynamic = new DynamicObjects(types, DynamicJournal) { StampsTravel = options.IsRelay };
        RunReceiveHooks();
    }

    /// <summary>The types this node knows.</summary>
    public TypeTable Types { get; }

    /// <summary>Name of this node.</summary>
    public string Node => _options.Node;

    /// <summary>This node has an upstream as well as nodes below it.</summary>
    public bool IsRelay => _options.IsRelay;

    /// <summary>What this node did since it started.</summary>
    public MirrorCounters Counters { get; } = new();

    internal SpaceJournal StoredJournal { get; }

    internal SpaceJournal DynamicJournal { get; }

    /// <summary>The lock of everything that changes. Held for microseconds; nothing is encoded, awaited or called back inside.</summary>
    internal Lock Gate => _gate;

    /// <summary>A revision of the store that this mirror follows, for instance that of a commit, as other nodes can tell it.</summary>
    /// <exception cref="InvalidOperationException">This node has yet to hear from a store.</exception>
    public StoreRevision StoredAt(long revision) => _current.StoredSpace is { } space
        ? new StoreRevision(space, revision)
        : throw new InvalidOperationException($"{Node} has yet to hear from a store.");

    /// <summary>The current view: what is read from it later is of one moment.</summary>
    public MirrorSnapshot Snapshot() => _current;

    /// <summary>Makes what the journals hold now the current view, and lists whom to wake for it. Called inside the lock.</summary>
    private void Publish()
    {
        _current = new MirrorSnapshot(
            _current.Number + 1, Types, StoredJournal.Snapshot, DynamicJournal.Snapshot, _publishesShared ? Node : null);
        WakeCursors();
    }

    /// <summary>
    /// Runs a change inside the lock, then tells sessions and subscriptions outside it. Wakes are idempotent, so their order between two
    /// changes does not matter.
    /// </summary>
    private TResult Change<TResult>(Func<TResult> change)
    {
        TResult result;
        Action[] wakes;
        MirrorWait[] reached;
        lock (_gate)
        {
            result = change();
            wakes = [.. _wakes];
            _wakes.Clear();
            reached = TakeReachedWaits();
        }

        foreach (var wait in reached)
        {
            wait.Reached();
        }

        foreach (var wake in wakes)
        {
            wake();
        }

        foreach (var subscription in _subscriptions)
        {
            subscription.Schedule();
        }

        return result;
    }
}
