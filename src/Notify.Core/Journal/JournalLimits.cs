namespace Notify.Core.Journal;

/// <summary>How much of the past a journal remembers. Beyond it a reconnecting node is sent more than it lacks, never less.</summary>
public sealed record JournalLimits
{
    /// <summary>Tombstones kept for the whole space. The default value is 65536.</summary>
    public int TombstonesMax { get; init; } = 65536;

    /// <summary>Markers (deleted, left) kept for each scope. The default value is 1024.</summary>
    public int ScopeMarkersMax { get; init; } = 1024;
}
