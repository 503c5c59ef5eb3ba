using System.Collections.Immutable;
using Notify.Core.Caches;
using Notify.Core.Sync;
using Notify.Core.Types;

namespace Notify.Core.Sessions;

/// <summary>
/// The nodes below this one: who is attached with which number, what their sessions carry, and when that is flushed. Thread safe: its state
/// is guarded by the mirror's lock, so attachments and objects never disagree.
/// </summary>
public sealed partial class Hub
{
    private const int PathMax = 64;

    private readonly Mirror _mirror;
    private readonly Dictionary<string, NodeAttachment> _nodes = new(StringComparer.Ordinal);
    private readonly Queue<NodeAttachment> _absent = new();
    private readonly PriorityQueue<NodeAttachment, long> _vanished = new();
    private readonly long _settledAt;
    private ImmutableHashSet<ServerSession> _sessions = [];
    private long _lastNotifyId;
    private long _forgottenHighest;
    private bool _settled;

    /// <summary>Creates the hub of a node that starts now.</summary>
    public Hub(Mirror mirror, HubOptions options, long nowMs)
    {
        (_mirror, Options, _needs) = (mirror, options, new UpstreamNeeds(mirror.Types));
        _settledAt = nowMs + options.SettleMs;
        FullSyncs = new FullSyncQueue(options.FullSyncsMax);
        mirror.Carried.KnownAs = name => _nodes.GetValueOrDefault(name)?.KnownAs ?? 0;
    }

    /// <summary>How this hub treats the nodes below it.</summary>
    public HubOptions Options { get; }

    /// <summary>The number of sessions that are past the handshake.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>How many sessions were accepted since the start.</summary>
    public long SessionsAccepted => Volatile.Read(ref _lastNotifyId);

    /// <summary>The sessions that are past the handshake, for people, by their numbers. Each figure is of its own moment.</summary>
    public IReadOnlyList<SessionView> View()
    {
        lock (_mirror.Gate)
        {
            // A session is counted from its claim on, but is nobody to talk to before the handshake is done.
            return [.. _sessions.Where(session => session.IsOpen).OrderBy(session => session.NotifyId).Select(SessionView.Of)];
        }
    }

    /// <summary>When <see cref="Tick"/> is needed next.</summary>
    public long NextTickAt
    {
        get
        {
            lock (_mirror.Gate)
            {
                return Math.Min(
                    _settled ? long.MaxValue : _settledAt,
                    Math.Min(
                        _vanished.TryPeek(out _, out var flushAt) ? flushAt : long.MaxValue,
                        _narrowing.TryPeek(out _, out var narrowAt) ? narrowAt : long.MaxValue));
            }
        }
    }

    /// <summary>Called inside the mirror's lock with the name of a node whose session began, is synced, or is over and flushed.</summary>
    internal Action<string>? NodeChanged { get; set; }

    /// <summary>Dynamic types can be called complete: whoever owned objects before this hub started had time to come back.</summary>
    internal bool IsSettled => Volatile.Read(ref _settled);

    internal IReadOnlyCollection<ServerSession> Sessions => _sessions;

    /// <summary>Whose turn it is to be sent the store's objects from the beginning. Use it inside the mirror's lock.</summary>
    internal FullSyncQueue FullSyncs { get; }

    /// <summary>How many nodes are remembered, those without a session included.</summary>
    internal int NodeCount
    {
        get
        {
            lock (_mirror.Gate)
            {
                return _nodes.Count;
            }
        }
    }

    /// <summary>How many sessions, ended ones included, still carry something or may yet.</summary>
    internal int CarrierCount
    {
        get
        {
            lock (_mirror.Gate)
            {
                return _nodes.Values.Sum(node => node.Carriers.Count);
            }
        }
    }

    /// <summary>Lets time pass: vanished nodes are flushed when their grace is over, what nobody asks for any more goes, and dynamic types settle.</summary>
    public void Tick(long nowMs)
    {
        while (TakeDue(_vanished, nowMs) is { } node)
        {
            Flush(node, nowMs);
        }

        while (TakeDue(_narrowing, nowMs) is { } node)
        {
            Narrow(node, nowMs);
        }

        if (!_settled && nowMs >= _settledAt)
        {
            Volatile.Write(ref _settled, true);
            _mirror.WakeAll();
            lock (_mirror.Gate)
            {
                NoteAllChanged();
            }
        }
    }

    /// <summary>The session that speaks for a node, its own or that of the relay it is behind; or null.</summary>
    internal LinkSession? SessionOf(string name)
    {
        lock (_mirror.Gate)
        {
            return _nodes.GetValueOrDefault(name)?.Session;
        }
    }

    /// <summary>What is known of a node, or null. Called inside the mirror's lock.</summary>
    internal NodeAttachment? Find(string name) => _nodes.GetValueOrDefault(name);

    /// <summary>Numbers of the sessions of the relays between a node and this one, that next to the node first. Called inside the mirror's lock.</summary>
    internal IEnumerable<long> PathTo(NodeAttachment node)
    {
        // What nodes say of where they are may go round in a circle for a moment.
        for (var steps = 0; steps < PathMax && node.Hub != _mirror.Node && _nodes.TryGetValue(node.Hub, out var relay); steps++)
        {
            yield return relay.Attachment;
            node = relay;
        }
    }

    internal IEnumerable<LinkSession> SessionsInScope(Scope scope) => _sessions.Where(session => session.IsInterestedIn(scope));

    private NodeAttachment? TakeDue(PriorityQueue<NodeAttachment, long> queue, long nowMs)
    {
        lock (_mirror.Gate)
        {
            return queue.TryPeek(out var node, out var dueAt) && dueAt <= nowMs ? queue.Dequeue() : null;
        }
    }
}
