using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Storage;

/// <summary>A lease in a store of this process: the store cannot outlive it.</summary>
internal sealed class OwnLease : IStoreLease
{
    private readonly IObjectStore _store;
    private readonly RevisionCondition _held;
    private bool _isOver;

    private OwnLease(IObjectStore store, RevisionCondition held) => (_store, _held) = (store, held);

    /// <inheritdoc/>
    public Task Lost { get; } = new TaskCompletionSource().Task;

    /// <summary>The lease of an object that was put.</summary>
    /// <exception cref="ArgumentException">The store did not take it.</exception>
    public static OwnLease Of(IObjectStore store, ObjectId id, CommitResult result) => result switch
    {
        CommitResult.Committed committed => new OwnLease(store, new RevisionCondition(id, committed.Results[0].Revision)),
        CommitResult.Rejected rejected => throw new ArgumentException(rejected.Message),
        _ => throw new InvalidOperationException($"The store answered {result}."),
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isOver, true))
        {
            return;
        }

        try
        {
            // Conditional: who leased the object after us keeps it.
            await _store.CommitAsync(new Transaction([StoreChange.Delete(_held.Id)]) { Conditions = [_held] }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreUnavailableException or CommitOutcomeUnknownException)
        {
            // The store is closed or has failed. Whoever opens it next deletes what is left.
        }
    }
}
