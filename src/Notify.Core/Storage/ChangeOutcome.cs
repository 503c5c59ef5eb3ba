namespace Notify.Core.Storage;

/// <summary>What a committed change did.</summary>
public enum ChangeOutcome
{
    /// <summary>The object had not existed.</summary>
    Created = 0,

    /// <summary>The object has new content.</summary>
    Updated = 1,

    /// <summary>The object had this content already: no new version, no event.</summary>
    Unchanged = 2,

    /// <summary>The object is gone.</summary>
    Deleted = 3,

    /// <summary>There was nothing to delete: no event.</summary>
    NotFound = 4,
}
