using System.Diagnostics;
using Space = Notify.Core.Journal.Space;

namespace Notify.Core.Sessions;

/// <summary>
/// Waiting until nodes below have applied a revision. A wait goes down as a barrier on every session that may have such nodes, and is answered with
/// how many are pending; nothing of it depends on how many objects there are. Nodes that have vanished are counted by the hub that was asked.
/// </summary>
public sealed partial class Hub
{
    /// <summary>How many waits there may be at a time, those not counted that come from above.</summary>
    private const int WaitsMax = 64;

    private readonly List<AppliedWait> _waits = [];

    /// <summary>Nodes without a session that did not say goodbye.</summary>
    private readonly HashSet<NodeAttachment> _missed = [];

    /// <summary>What this node is, for selectors of nodes.</summary>
    internal string Role { get; set; } = "";

    internal Lock Gate => _mirror.Gate;

    /// <summary>How many waits there are, also of those that come from above.</summary>
    internal int WaitCount
    {
        get
        {
            lock (_mirror.Gate)
            {
                return _waits.Count;
            }
        }
    }

    /// <summary>
    /// Completes when every node of the tree from here down that is selected, this one included, has applied a revision of the store: its mirror shows
    /// it and its handlers have returned. Nodes that vanished without a goodbye are pending until they are back, anywhere below, or forgotten.
    /// </summary>
    /// <exception cref="UnknownNodesException">There are no such nodes.</exception>
    /// <exception cref="WaitReplacedException">The store got another incarnation meanwhile.</exception>
    /// <exception cref="TooManyWaitsException">There are too many waits already.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before that. <see cref="BeginWait"/> tells who was pending.</exception>
    public async Task WaitUntilAppliedAsync(long revision, NodeSelector nodes, CancellationToken cancellationToken)
    {
        using var wait = BeginWait(revision, nodes);
        while (!wait.Progress().IsApplied)
        {
            await wait.WaitForChangeAsync(untilDone: true, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Begins a wait as <see cref="WaitUntilAppliedAsync"/> does, and lets the caller see how far it is. A hub that has just started counts itself as
    /// pending until its settle time is over: nodes of its earlier life need time to come back.
    /// </summary>
    /// <exception cref="TooManyWaitsException">There are too many waits already.</exception>
    public AppliedWait BeginWait(long revision, NodeSelector nodes) => Begin(new AppliedWait(this, revision, nodes, wake: null));

    /// <summary>Begins the wait of a barrier from above.</summary>
    internal AppliedWait BeginWaitForUpstream(long revision, NodeSelector nodes, Action wake) => Begin(new AppliedWait(this, revision, nodes, wake));

    /// <summary>
    /// The nodes that are selected of the tree from here down: this one, those next to it and those behind relays, connected or vanished; in the order of
    /// their names.
    /// </summary>
    public IReadOnlyList<KnownNode> Known(NodeSelector nodes)
    {
        KnownNode[] known;
        lock (_mirror.Gate)
        {
            known = [.. _nodes.Values.Where(IsKnown).Select(node => new KnownNode(node.Node, node.Role, node.Hub, node.Session is not null))];
        }

        // Selecting and sorting may take long, and concern nobody else.
        return
        [
            .. known
                .Append(new KnownNode(_mirror.Node, Role, "", IsConnected: true))
                .Where(node => nodes.Includes(node.Name, node.Role))
                .OrderBy(node => node.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Waits for a vanished node no more; one that will not come back. So do the nodes above; a relay below that misses it still does, for who asks
    /// there. Should it come back nevertheless, it counts again.
    /// </summary>
    public ForgetOutcome Forget(string name)
    {
        lock (_mirror.Gate)
        {
            if (!_nodes.TryGetValue(name, out var node) || !IsKnown(node))
            {
                return ForgetOutcome.Unknown;
            }

            if (node.Session is not null)
            {
                return ForgetOutcome.Connected;
            }

            node.ForgottenAt = node.Highest;
            NoteMissed(node, isMissed: false);
            Tell(node);
            return ForgetOutcome.Forgotten;
        }
    }

    /// <summary>A wait is over. Who was asked for it is told so.</summary>
    internal void EndWait(AppliedWait wait)
    {
        IDisposable[] watches;
        lock (_mirror.Gate)
        {
            if (wait.IsOver)
            {
                return;
            }

            wait.IsOver = true;
            _waits.Remove(wait);
            watches = [.. wait.Watches];
            foreach (var part in wait.Parts.Values.OrderBy(part => part.Number))
            {
                part.Session.NoteBarriers();
            }
        }

        Array.ForEach(watches, watch => watch.Dispose());
    }

    /// <summary>Who is pending. Called inside the lock.</summary>
    internal AppliedProgress ProgressOf(AppliedWait wait)
    {
        if (wait.IsReplaced)
        {
            throw new WaitReplacedException(wait.Revision);
        }

        if (!wait.IsChecked && !wait.IsForUpstream && IsSettled)
        {
            wait.IsChecked = true;
            CheckKnown(wait.Nodes);
        }

        var vanished = _missed.Where(node => IsMissed(wait, node)).Select(node => node.Node).Order(StringComparer.Ordinal).ToArray();
        var (pending, names) = ((long)vanished.Length, vanished.Take(AppliedProgress.NamesMax).ToList());
        if (!IsSettled || (!wait.IsHere && wait.Nodes.Includes(_mirror.Node, Role)))
        {
            Add(_mirror.Node);
        }

        foreach (var part in wait.Unfinished)
        {
            AddPending(part);
        }

        return new AppliedProgress { Pending = (int)Math.Min(pending, int.MaxValue), PendingNodes = names, Vanished = vanished };

        void Add(string name, long count = 1)
        {
            pending += count;
            if (names.Count < AppliedProgress.NamesMax)
            {
                names.Add(name);
            }
        }

        void AddPending(BarrierPart part)
        {
            if (part.IsAnswered)
            {
                pending += part.Pending;
                names.AddRange(part.Names.Take(AppliedProgress.NamesMax - names.Count));
            }
            else if (wait.Nodes.Includes(part.Session.Peer, part.Session.PeerRole))
            {
                Add(part.Session.Peer);
            }

            foreach (var node in part.IsAnswered ? part.Since : Behind(part.Session).Where(node => wait.Nodes.Includes(node.Node, node.Role)))
            {
                Add(node.Node);
            }
        }
    }

    private static bool IsKnown(NodeAttachment node) => (node.Session is not null || node.IsMissed) && !node.IsElsewhere;

    private static bool IsMissed(AppliedWait wait, NodeAttachment node) =>
        !(wait.IsForUpstream && node.IsMissedAbove) && wait.Nodes.Includes(node.Node, node.Role);

    private AppliedWait Begin(AppliedWait wait)
    {
        lock (_mirror.Gate)
        {
            if (!wait.IsForUpstream && _waits.Count(other => !other.IsForUpstream) >= WaitsMax)
            {
                throw new TooManyWaitsException(WaitsMax);
            }

            _waits.Add(wait);
            foreach (var session in _sessions.OrderBy(session => session.NotifyId))
            {
                AddPart(wait, session);
            }
        }

        // Outside the lock, where what is true already calls back.
        Watch(wait, _mirror.WhenSpaceIsKnown(() => NoteSpace(wait)));
        return wait;
    }

    private void Watch(AppliedWait wait, IDisposable watch)
    {
        lock (_mirror.Gate)
        {
            if (!wait.IsOver)
            {
                wait.Watches.Add(watch);
                return;
            }
        }

        watch.Dispose();
    }

    private void NoteSpace(AppliedWait wait)
    {
        Space space;
        lock (_mirror.Gate)
        {
            space = wait.Space = _mirror.StoredJournal.Space!;
        }

        Watch(wait, _mirror.WhenShown(space, wait.Revision, () => Note(wait, WakeUnasked)));
        Watch(wait, _mirror.WhenHandled(space, wait.Revision, () => Note(wait, static handled => handled.IsHere = true)));
        Watch(wait, _mirror.WhenShown(space, long.MaxValue, () => Note(wait, static _ => { })));
    }

    /// <summary>The mirror is further, or its store is another one.</summary>
    private void Note(AppliedWait wait, Action<AppliedWait> note)
    {
        lock (_mirror.Gate)
        {
            wait.IsReplaced |= wait.Space != _mirror.StoredJournal.Space;
            note(wait);
            wait.NoteChanged();
        }
    }

    private void NoteAllChanged() => _waits.ForEach(wait => wait.NoteChanged());

    /// <exception cref="UnknownNodesException">A name that is asked for is not known, or nothing matches.</exception>
    private void CheckKnown(NodeSelector nodes)
    {
        var unknown = nodes.Names
            .Where(name => name != _mirror.Node && !(_nodes.TryGetValue(name, out var node) && IsKnown(node)))
            .ToArray();
        if (unknown.Length > 0
            || (!nodes.Includes(_mirror.Node, Role) && !_nodes.Values.Any(node => IsKnown(node) && nodes.Includes(node.Node, node.Role))))
        {
            throw new UnknownNodesException(_mirror.Node, nodes, unknown);
        }
    }

    /// <summary>A node has vanished, or is back, known elsewhere or not waited for any more.</summary>
    private void NoteMissed(NodeAttachment node, bool isMissed)
    {
        Debug.Assert(_mirror.Gate.IsHeldByCurrentThread, "The hub's state is guarded by the mirror's lock.");
        node.IsMissed = isMissed;
        _ = isMissed ? _missed.Add(node) : _missed.Remove(node);
        NoteAllChanged();
    }
}
