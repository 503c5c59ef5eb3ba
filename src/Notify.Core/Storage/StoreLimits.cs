using Notify.Core.Types;

namespace Notify.Core.Storage;

/// <summary>
/// Bounds of one transaction, the same in every store, so that what one takes another takes too. An epoch is never split, so these
/// also bound what every node below must stage at once. Immutable.
/// </summary>
public sealed record StoreLimits
{
    /// <summary>The most changes, and the most conditions, of a transaction. The default value is 100 (etcd takes 128 operations).</summary>
    public int ChangesMax { get; init; } = 100;

    /// <summary>The most bytes of all changes together, counted by <see cref="SizeOf"/>. The default value is 1 MiB.</summary>
    public int CommitBytesMax { get; init; } = 1 << 20;

    /// <summary>The most bytes of one object, counted by <see cref="SizeOf"/>. The default value is 1 MiB.</summary>
    public int ObjectBytesMax { get; init; } = 1 << 20;

    /// <summary>Bytes of a change that count: keys and names of the object, its scopes and references, and its value.</summary>
    public static long SizeOf(StoreChange change)
    {
        var bytes = SizeOfId(change.Id);
        if (change.Envelope is { } envelope)
        {
            bytes += envelope.Value.Length;
            foreach (var scope in envelope.Scopes)
            {
                bytes += scope.Type.Length + scope.Key.Length;
            }

            foreach (var reference in envelope.References)
            {
                bytes += SizeOfId(reference);
            }
        }

        return bytes;
    }

    /// <summary>Checks what can be checked without any state; null when all is well.</summary>
    public CommitResult.Rejected? Check(Transaction transaction)
    {
        var (changes, conditions) = (transaction.Changes, transaction.Conditions);
        if (Math.Max(changes.Length, conditions.Length) is var count && count > ChangesMax)
        {
            return new(TransactionFault.TooManyChanges, null,
                $"The transaction has {count} changes or conditions, the limit is {ChangesMax}; split it.");
        }

        var changed = new HashSet<ObjectId>(changes.Length);
        var total = 0L;
        foreach (var change in changes)
        {
            if (!changed.Add(change.Id))
            {
                return Duplicate(change.Id, "changes");
            }

            var bytes = SizeOf(change);
            if (bytes > ObjectBytesMax)
            {
                return new(TransactionFault.ObjectTooLarge, change.Id,
                    $"The {change.Id.Type} has {bytes} bytes, the limit is {ObjectBytesMax}; make it smaller or split it.");
            }

            total += bytes;
        }

        var conditioned = new HashSet<ObjectId>(conditions.Length);
        foreach (var condition in conditions)
        {
            if (!conditioned.Add(condition.Id))
            {
                return Duplicate(condition.Id, "conditions");
            }
        }

        return total <= CommitBytesMax
            ? null
            : new(TransactionFault.CommitTooLarge, null, $"The transaction has {total} bytes, the limit is {CommitBytesMax}; split it.");
    }

    private static CommitResult.Rejected Duplicate(ObjectId id, string what) =>
        new(TransactionFault.DuplicateObject, id, $"Two {what} of the transaction name the same {id.Type}; leave one.");

    private static long SizeOfId(ObjectId id) => id.Type.Length + id.Key.Length;
}
