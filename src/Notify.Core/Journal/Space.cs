namespace Notify.Core.Journal;

/// <summary>A revision space. Revisions of different spaces, or of different incarnations of one, cannot be compared.</summary>
/// <param name="Id">Random id of the store or the hub.</param>
/// <param name="Incarnation">Random; changes when the space starts again.</param>
public sealed record Space(string Id, string Incarnation);
