using System.Collections.Immutable;
using Notify.Core.Types;

namespace Notify.Core.Storage;

/// <summary>The answer to a transaction: one of <see cref="Committed"/>, <see cref="ConditionFailed"/>, <see cref="Rejected"/>.</summary>
public abstract record CommitResult
{
    private CommitResult()
    {
    }

    /// <summary>All changes hold.</summary>
    /// <param name="Revision">
    /// The revision of all changes. Where nothing changed: the head at that moment, so that whoever waits for it has seen the state
    /// that the transaction found.
    /// </param>
    /// <param name="Results">What became of each change, in the transaction's order.</param>
    public sealed record Committed(long Revision, ImmutableArray<ChangeResult> Results) : CommitResult
    {
        /// <summary>True when the commit made a revision; false when nothing changed.</summary>
        public bool MadeRevision => Results.Any(result => result.Outcome is not (ChangeOutcome.Unchanged or ChangeOutcome.NotFound));
    }

    /// <summary>Nothing was changed, since conditions did not hold.</summary>
    /// <param name="Revision">The head when they were checked.</param>
    /// <param name="Failed">Every condition that did not hold, in the transaction's order.</param>
    public sealed record ConditionFailed(long Revision, ImmutableArray<FailedCondition> Failed) : CommitResult;

    /// <summary>Nothing was changed, and nothing will be by trying again.</summary>
    /// <param name="Fault">What is wrong.</param>
    /// <param name="Id">The object that is wrong, or null where it is the transaction.</param>
    /// <param name="Message">What is wrong, with the figures, and what to do.</param>
    public sealed record Rejected(TransactionFault Fault, ObjectId? Id, string Message) : CommitResult
    {
        /// <summary>The answer to a put of an object whose type the store does not know.</summary>
        public static Rejected UndeclaredType(ObjectId id) =>
            new(TransactionFault.UndeclaredType, id, $"The store has no declaration of {id.Type}; declare the type first.");
    }
}
