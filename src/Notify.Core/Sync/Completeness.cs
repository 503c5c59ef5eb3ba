namespace Notify.Core.Sync;

/// <summary>What a sender says of one (type, selector). The numbers are those of the link protocol.</summary>
public enum Completeness
{
    /// <summary>Nothing yet.</summary>
    Unknown = 0,

    /// <summary>All there is has been sent.</summary>
    Complete = 1,

    /// <summary>The sender cannot tell yet whether this is all.</summary>
    NotReady = 2,

    /// <summary>The sender does not have this type or selector.</summary>
    NotServed = 3,
}
