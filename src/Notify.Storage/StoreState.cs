using System.Collections.Immutable;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Storage;

/// <summary>
/// What a store with all its state in memory holds, and how transactions change it. A store that makes its commits durable first applies
/// them here and shows them later, up to <see cref="Shown"/>; what could not be made durable is taken back. Not thread safe.
/// </summary>
internal sealed class StoreState(int revisionsMax, long bytesMax)
{
    private readonly Dictionary<ObjectId, Envelope> _objects = [];
    private readonly Dictionary<string, TypeDeclaration> _types = new(StringComparer.Ordinal);
    private readonly StoreHistory _history = new(revisionsMax, bytesMax);

    /// <summary>The newest revision, shown or not.</summary>
    public long Head => _history.Head;

    /// <summary>The newest revision that readers see.</summary>
    public long Shown { get; private set; }

    /// <summary>The oldest revision that readers can see.</summary>
    public long Oldest => _history.Oldest;

    /// <summary>The epoch of a revision between <see cref="Oldest"/> (exclusive) and <see cref="Head"/>.</summary>
    public StoreEpoch this[long revision] => _history[revision];

    /// <summary>Takes a whole state over, as of a revision.</summary>
    public void Load(long revision, IEnumerable<TypeDeclaration> types, IEnumerable<Envelope> objects)
    {
        foreach (var type in types)
        {
            _types[type.Name] = type;
        }

        foreach (var envelope in objects)
        {
            _objects[envelope.Id] = envelope;
        }

        _history.Start(revision);
        Shown = revision;
    }

    /// <summary>How many objects there are.</summary>
    public int Count => _objects.Count;

    /// <summary>Applies an epoch as it was committed once.</summary>
    public void Replay(StoreEpoch epoch)
    {
        var replaced = epoch.Changes.Select(change => _objects.GetValueOrDefault(change.Id)).ToImmutableArray();
        foreach (var change in epoch.Changes)
        {
            if (change.Envelope is { } envelope)
            {
                _objects[change.Id] = envelope;
            }
            else
            {
                _objects.Remove(change.Id);
            }
        }

        Add(epoch, replaced);
    }

    /// <summary>Makes types known. Null where that changes nothing.</summary>
    /// <exception cref="TypeConflictException">A type is known with another kind, scope or key; nothing was declared.</exception>
    /// <exception cref="ArgumentException">A type is dynamic; nothing was declared.</exception>
    public StoreEpoch? Declare(ImmutableArray<TypeDeclaration> declarations)
    {
        var learned = TypeUnion.Learn(declarations, _types);
        if (learned.Count == 0)
        {
            return null;
        }

        var epoch = new StoreEpoch(Head + 1, []) { Declarations = [.. learned.Values] };
        Add(epoch, []);
        return epoch;
    }

    /// <summary>Commits a transaction whose form was checked. The epoch is null where nothing changed.</summary>
    public (CommitResult Result, StoreEpoch? Epoch) Commit(Transaction transaction)
    {
        if (Refuse(transaction) is { } refusal)
        {
            return (refusal, null);
        }

        var revision = Head + 1;
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
            return (new CommitResult.Committed(Head, results.MoveToImmutable()), null);
        }

        var epoch = new StoreEpoch(revision, changes.ToImmutable());
        Add(epoch, replaced.ToImmutable());
        return (new CommitResult.Committed(revision, results.MoveToImmutable()), epoch);
    }

    /// <summary>The objects of a type. Looks at all objects.</summary>
    public IEnumerable<ObjectId> OfType(string type) => _objects.Keys.Where(id => id.Type == type);

    /// <summary>Lets readers see everything up to a revision.</summary>
    public void Show(long revision)
    {
        Shown = revision;
        _history.Trim(revision);
    }

    /// <summary>Takes back what is not shown yet.</summary>
    public void TakeBack()
    {
        foreach (var entry in _history.TakeAbove(Shown))
        {
            entry.Undo(_objects, _types);
        }
    }

    /// <summary>Forgets history below a revision.</summary>
    public void Compact(long revision) => _history.Compact(Math.Min(revision, Shown));

    /// <summary>
    /// The state as of a horizon behind what is shown, copied: dictionaries here, in the caller's lock; what has to be undone, in the
    /// returned call, outside it.
    /// </summary>
    public Func<StoreCopy> Copy(long horizon)
    {
        var revision = Math.Max(Oldest, Shown - horizon);
        if (revision == Head)
        {
            var copy = new StoreCopy(revision, [.. _types.Values], _objects.Values.ToArray());
            return () => copy;
        }

        var objects = new Dictionary<ObjectId, Envelope>(_objects);
        var types = new Dictionary<string, TypeDeclaration>(_types, StringComparer.Ordinal);
        var later = _history.Above(revision);
        return () =>
        {
            Array.ForEach(later, entry => entry.Undo(objects, types));
            return new StoreCopy(revision, [.. types.Values], objects.Values);
        };
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

        return failed.Count == 0 ? null : new CommitResult.ConditionFailed(Head, failed.ToImmutable());
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

    private void Add(StoreEpoch epoch, ImmutableArray<Envelope?> replaced)
    {
        var replacedTypes = epoch.Declarations.Select(type => _types.GetValueOrDefault(type.Name)).ToImmutableArray();
        foreach (var type in epoch.Declarations)
        {
            _types[type.Name] = type;
        }

        _history.Add(new StoreHistory.Entry(epoch, replaced, replacedTypes));
    }
}
