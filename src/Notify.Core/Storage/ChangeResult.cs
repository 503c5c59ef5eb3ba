namespace Notify.Core.Storage;

/// <summary>What became of one change of a committed transaction.</summary>
/// <param name="Outcome">What it did.</param>
/// <param name="Revision">
/// Revision of the object's version after the commit (an unchanged object keeps its older one), of the delete, or 0 where nothing was found.
/// </param>
public readonly record struct ChangeResult(ChangeOutcome Outcome, long Revision);
