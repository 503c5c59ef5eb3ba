namespace Notify.Testing;

/// <summary>What a <see cref="FaultyStore"/> does to commits.</summary>
public enum CommitFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The store does not take the commit.</summary>
    Refuses = 1,

    /// <summary>The commit does not reach the store, and nobody can tell.</summary>
    LosesTheRequest = 2,

    /// <summary>The commit is done, and nobody can tell.</summary>
    LosesTheAnswer = 3,

    /// <summary>No answer comes until the caller gives up.</summary>
    Hangs = 4,
}
