using Notify.Core.Journal;

namespace Notify.Core.Sessions;

/// <summary>
/// A wait until nodes of a tree have applied a revision of the store; see <see cref="Hub.BeginWait"/>. It follows the nodes as they come, go and
/// move: those count that are known at the moment. Thread safe. Dispose it, or the nodes below go on telling of it.
/// </summary>
public sealed class AppliedWait : IDisposable
{
    private readonly Hub _hub;
    private readonly Action? _wake;
    private TaskCompletionSource? _changed;
    private long _seenVersion = -1;

    internal AppliedWait(Hub hub, long revision, NodeSelector nodes, Action? wake) => (_hub, Revision, Nodes, _wake) = (hub, revision, nodes, wake);

    /// <summary>The revision of the store.</summary>
    public long Revision { get; }

    /// <summary>The nodes that are waited for.</summary>
    public NodeSelector Nodes { get; }

    /// <summary>The upstream waits: nodes that it knows to have vanished are counted there.</summary>
    internal bool IsForUpstream => _wake is not null;

    /// <summary>Moves with every change. Guarded, as all below, by the mirror's lock.</summary>
    internal long Version { get; private set; }

    /// <summary>The space of the revision: that which the store had when it was first known during the wait.</summary>
    internal Space? Space { get; set; }

    /// <summary>This node itself has applied the revision.</summary>
    internal bool IsHere { get; set; }

    internal bool IsReplaced { get; set; }

    internal bool IsOver { get; set; }

    /// <summary>It was looked whether there are such nodes.</summary>
    internal bool IsChecked { get; set; }

    /// <summary>What ends with the wait.</summary>
    internal List<IDisposable> Watches { get; } = [];

    internal Dictionary<ServerSession, BarrierPart> Parts { get; } = [];

    /// <summary>Parts with pending nodes, in an order that does not depend on how sessions hash.</summary>
    internal SortedSet<BarrierPart> Unfinished { get; } = new(BarrierPart.ByName);

    /// <summary>False while it is certain that nodes are pending. Costs nothing, however many there are.</summary>
    internal bool MayBeApplied => (IsHere && Unfinished.Count == 0) || IsReplaced;

    /// <summary>How far the nodes are now. Takes as long as nodes are pending.</summary>
    /// <exception cref="UnknownNodesException">There are no such nodes, and those of an earlier life of this one had the time to come back.</exception>
    /// <exception cref="WaitReplacedException">The store has another incarnation since the wait began.</exception>
    public AppliedProgress Progress()
    {
        lock (_hub.Gate)
        {
            _seenVersion = Version;
            return _hub.ProgressOf(this);
        }
    }

    /// <summary>
    /// Completes when <see cref="Progress"/> may say something else than it did last. Changes come as fast as nodes acknowledge: let some time pass
    /// between two looks.
    /// </summary>
    /// <param name="untilDone">Only when it may say that nothing is pending.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="OperationCanceledException">Cancelled before that.</exception>
    public async Task WaitForChangeAsync(bool untilDone, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_hub.Gate)
            {
                if (Version != _seenVersion && (!untilDone || MayBeApplied))
                {
                    return;
                }

                changed = (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hub.EndWait(this);

    /// <summary>Something is different. Called inside the lock; only signals.</summary>
    internal void NoteChanged()
    {
        Version++;
        _wake?.Invoke();
        _changed?.TrySetResult();
        _changed = null;
    }
}
