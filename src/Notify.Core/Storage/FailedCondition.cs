namespace Notify.Core.Storage;

/// <summary>A condition that did not hold.</summary>
/// <param name="Condition">The condition.</param>
/// <param name="CurrentRevision">Revision of the object's current version, or 0 where there is no such object.</param>
public readonly record struct FailedCondition(RevisionCondition Condition, long CurrentRevision);
