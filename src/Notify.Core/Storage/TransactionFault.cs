namespace Notify.Core.Storage;

/// <summary>Why a store takes a transaction in no state.</summary>
public enum TransactionFault
{
    /// <summary>More changes, or more conditions, than <see cref="StoreLimits.ChangesMax"/>.</summary>
    TooManyChanges = 0,

    /// <summary>All changes together are larger than <see cref="StoreLimits.CommitBytesMax"/>.</summary>
    CommitTooLarge = 1,

    /// <summary>One object is larger than <see cref="StoreLimits.ObjectBytesMax"/>.</summary>
    ObjectTooLarge = 2,

    /// <summary>Two changes, or two conditions, name the same object.</summary>
    DuplicateObject = 3,

    /// <summary>The object's type was not declared: nobody could mirror the object without its code.</summary>
    UndeclaredType = 4,
}
