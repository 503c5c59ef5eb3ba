using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Storage;

/// <summary>
/// A store that lives with its process: for tests, demos and simulations. Not durable: what it acknowledged is gone when the process
/// ends, and the next one must have another identity. Every call but a waiting watch completes before it returns.
/// </summary>
public sealed class MemoryObjectStore : IObjectStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectId, Envelope> _objects = [];
    private readonly Dictionary<string, TypeDeclaration> _types = new(StringComparer.Ordinal);
    private readonly MemoryHistory _history;
    private readonly MemoryStoreOptions _options;

    // Set by whoever waits for a change, completed by the next one; so a commit that nobody waits for allocates nothing for it.
    private TaskCompletionSource? _changed;
    private bool _closed;

    /// <summary>Creates an empty store.</summary>
    /// <param name="identity">A new one, for example of <see cref="StoreIdentity.Create"/>.</param>
    /// <param name="options">Bounds; null for the defaults.</param>
    public MemoryObjectStore(StoreIdentity identity, MemoryStoreOptions? options = null)
    {
        _options = options ?? new MemoryStoreOptions();
        Identity = identity;
        _history = new(_options.HistoryRevisionsMax, _options.HistoryBytesMax);
    }

    /// <inheritdoc/>
    public StoreIdentity Identity { get; }

    /// <inheritdoc/>
    public StoreLimits Limits => _options.Limits;

    /// <inheritdoc/>
    public ValueTask<long> DeclareAsync(ImmutableArray<TypeDeclaration> declarations, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (declarations.FirstOrDefault(declaration => declaration.Kind == TypeKind.Dynamic) is { } dynamic)
        {
            throw new ArgumentException($"{dynamic.Name} is dynamic: its objects live with their nodes, not in a store.", nameof(declarations));
        }

        TaskCompletionSource? waiting;
        long revision;
        lock (_lock)
        {
            ThrowIfClosed();
            var learned = Learn(declarations);
            if (learned.Count == 0)
            {
                return ValueTask.FromResult(_history.Head);
            }

            ImmutableArray<TypeDeclaration?> replaced = [.. learned.Keys.Select(name => _types.GetValueOrDefault(name))];
            foreach (var type in learned.Values)
            {
                _types[type.Name] = type;
            }

            revision = _history.Head + 1;
            waiting = Append(new StoreEpoch(revision, []) { Declarations = [.. learned.Values] }, [], replaced);
        }

        waiting?.TrySetResult();
        return ValueTask.FromResult(revision);
    }

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Limits.Check(transaction) is { } rejected)
        {
            return ValueTask.FromResult<CommitResult>(rejected);
        }

        CommitResult result;
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            ThrowIfClosed();
            (result, waiting) = Commit(transaction);
        }

        waiting?.TrySetResult();
        return ValueTask.FromResult(result);
    }

    /// <inheritdoc/>
    public ValueTask<StoreSnapshot> SnapshotAsync(long horizon, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(horizon);
        cancellationToken.ThrowIfCancellationRequested();

        // Copies under the lock: a controller reads a snapshot once, when it starts.
        lock (_lock)
        {
            ThrowIfClosed();
            var revision = Math.Max(_history.Oldest, _history.Head - horizon);
            if (revision == _history.Head)
            {
                return ValueTask.FromResult(new StoreSnapshot(revision, [.. _types.Values], _objects.Values.ToArray().ToAsyncEnumerable()));
            }

            var state = new Dictionary<ObjectId, Envelope>(_objects);
            var types = new Dictionary<string, TypeDeclaration>(_types, StringComparer.Ordinal);
            _history.Undo(state, types, revision);
            return ValueTask.FromResult(new StoreSnapshot(revision, [.. types.Values], state.Values.ToAsyncEnumerable()));
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoreEpoch> WatchAsync(
        long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = afterRevision;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Next(position, out var change) is { } epoch)
            {
                position = epoch.Revision;
                yield return epoch;
            }
            else
            {
                await change.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreRevisions> RevisionsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ThrowIfClosed();
            return ValueTask.FromResult(new StoreRevisions(_history.Oldest, _history.Head));
        }
    }

    /// <inheritdoc/>
    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ThrowIfClosed();
            _history.Compact(revision);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the store: waiting watches end with <see cref="StoreUnavailableException"/>.</summary>
    public ValueTask DisposeAsync()
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            _closed = true;
            (waiting, _changed) = (_changed, null);
        }

        waiting?.TrySetResult();
        return ValueTask.CompletedTask;
    }

    private Dictionary<string, TypeDeclaration> Learn(ImmutableArray<TypeDeclaration> declarations)
    {
        var learned = new Dictionary<string, TypeDeclaration>(StringComparer.Ordinal);
        foreach (var declaration in declarations)
        {
            var known = learned.GetValueOrDefault(declaration.Name) ?? _types.GetValueOrDefault(declaration.Name);
            var union = known?.Union(declaration) ?? declaration;
            if (!ReferenceEquals(union, known))
            {
                learned[union.Name] = union;
            }
        }

        return learned;
    }

    private (CommitResult Result, TaskCompletionSource? Waiting) Commit(Transaction transaction)
    {
        if (Refuse(transaction) is { } refusal)
        {
            return (refusal, null);
        }

        var revision = _history.Head + 1;
        var results = ImmutableArray.CreateBuilder<ChangeResult>(transaction.Changes.Length);
        var changes = ImmutableArray.CreateBuilder<StoreChange>();
        var replaced = ImmutableArray.CreateBuilder<Envelope?>();
        foreach (var change in transaction.Changes)
        {
            _objects.TryGetValue(change.Id, out var held);
            var result = Apply(change, held, revision);
            results.Add(result);
            if (result.Revision == revision)
            {
                replaced.Add(held);
                changes.Add(_objects.TryGetValue(change.Id, out var stored) ? StoreChange.Put(stored) : change);
            }
        }

        if (changes.Count == 0)
        {
            return (new CommitResult.Committed(_history.Head, results.MoveToImmutable()), null);
        }

        var waiting = Append(new StoreEpoch(revision, changes.ToImmutable()), replaced.ToImmutable(), []);
        return (new CommitResult.Committed(revision, results.MoveToImmutable()), waiting);
    }

    private CommitResult? Refuse(Transaction transaction)
    {
        if (transaction.Changes.FirstOrDefault(change => change.Envelope is not null && !_types.ContainsKey(change.Id.Type)) is { } undeclared)
        {
            return CommitResult.Rejected.UndeclaredType(undeclared.Id);
        }

        var failed = ImmutableArray.CreateBuilder<FailedCondition>();
        foreach (var condition in transaction.Conditions)
        {
            var current = _objects.TryGetValue(condition.Id, out var held) ? held.Revision : 0;
            if (current != condition.Revision)
            {
                failed.Add(new FailedCondition(condition, current));
            }
        }

        return failed.Count == 0 ? null : new CommitResult.ConditionFailed(_history.Head, failed.ToImmutable());
    }

    private ChangeResult Apply(StoreChange change, Envelope? held, long revision)
    {
        if (change.Envelope is not { } envelope)
        {
            return _objects.Remove(change.Id) ? new(ChangeOutcome.Deleted, revision) : new(ChangeOutcome.NotFound, 0);
        }

        if (held is not null && held.SameContent(envelope) && held.Stamp == envelope.Stamp)
        {
            return new(ChangeOutcome.Unchanged, held.Revision);
        }

        _objects[change.Id] = envelope with { Revision = revision };
        return new(held is null ? ChangeOutcome.Created : ChangeOutcome.Updated, revision);
    }

    private TaskCompletionSource? Append(StoreEpoch epoch, ImmutableArray<Envelope?> replaced, ImmutableArray<TypeDeclaration?> replacedTypes)
    {
        _history.Add(epoch, replaced, replacedTypes);
        (var waiting, _changed) = (_changed, null);
        return waiting;
    }

    private StoreEpoch? Next(long position, out Task change)
    {
        lock (_lock)
        {
            ThrowIfClosed();
            change = Task.CompletedTask;
            if (position < _history.Oldest)
            {
                throw new CompactedException(position, _history.Oldest);
            }

            if (position < _history.Head)
            {
                return _history[position + 1];
            }

            _changed ??= new(_options.WakesWatchersInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
            change = _changed.Task;
            return null;
        }
    }

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw new StoreUnavailableException("it was closed.");
        }
    }
}
