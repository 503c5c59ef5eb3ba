using System.Collections.Immutable;
using Notify.Core.Types;

namespace Notify.Core.Storage.Sharing;

/// <summary>A transaction being put together within a store's limits.</summary>
internal sealed class TransactionDraft(StoreLimits limits, int changesMax)
{
    private readonly ImmutableArray<StoreChange>.Builder _changes = ImmutableArray.CreateBuilder<StoreChange>();
    private readonly ImmutableArray<RevisionCondition>.Builder _conditions = ImmutableArray.CreateBuilder<RevisionCondition>();
    private readonly HashSet<ObjectId> _changed = [];
    private long _bytes;

    public bool IsEmpty => _changes.Count == 0;

    /// <summary>Adds a change, if there is room for it.</summary>
    /// <param name="change">The change.</param>
    /// <param name="condition">What it depends on, or null.</param>
    public bool TryAdd(StoreChange change, RevisionCondition? condition)
    {
        var bytes = StoreLimits.SizeOf(change);
        if (!HasRoom(1, condition is null ? 0 : 1, bytes))
        {
            return false;
        }

        _changes.Add(change);
        _changed.Add(change.Id);
        _bytes += bytes;
        if (condition is { } one)
        {
            _conditions.Add(one);
        }

        return true;
    }

    /// <summary>It changes an object already.</summary>
    public bool Has(ObjectId id) => _changed.Contains(id);

    /// <summary>Whether there is room for so much. One object that is larger than all limits has room alone: the store says what is wrong with it.</summary>
    public bool HasRoom(int changes, int conditions, long bytes) =>
        _changes.Count + changes <= changesMax
        && _conditions.Count + conditions <= limits.ChangesMax
        && (_bytes + bytes <= limits.CommitBytesMax || _bytes == 0);

    /// <summary>Adds what the changes of a node depend on. The caller has asked for the room.</summary>
    public void Require(ImmutableArray<RevisionCondition> conditions) =>
        _conditions.AddRange(conditions.Where(condition => !_conditions.Contains(condition)));

    /// <summary>The transaction; null where nothing is to be done.</summary>
    public Transaction? Build() => IsEmpty ? null : new Transaction(_changes.ToImmutable()) { Conditions = _conditions.ToImmutable() };
}
