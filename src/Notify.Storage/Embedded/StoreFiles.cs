using System.Globalization;

namespace Notify.Storage.Embedded;

/// <summary>The names of the store's files.</summary>
internal static class StoreFiles
{
    /// <summary>Ends the name of a file that is not whole yet.</summary>
    public const string Unfinished = ".tmp";

    private const string LogPrefix = "log-";
    private const string CheckpointPrefix = "checkpoint-";

    /// <summary>The log of the epochs after a revision.</summary>
    public static string Log(long after) => LogPrefix + after.ToString("D20", CultureInfo.InvariantCulture);

    /// <summary>The state as of a revision.</summary>
    public static string Checkpoint(long revision) => CheckpointPrefix + revision.ToString("D20", CultureInfo.InvariantCulture);

    /// <summary>What a process that died left of checkpoints that it was writing; other files in the folder are not the store's.</summary>
    public static IEnumerable<string> UnfinishedCheckpoints(IEnumerable<string> names) => names.Where(name =>
        name.EndsWith(Unfinished, StringComparison.Ordinal) && Checkpoints([name[..^Unfinished.Length]]).Length == 1);

    /// <summary>The revisions of all logs among the names, ascending.</summary>
    public static long[] Logs(IEnumerable<string> names) => Revisions(names, LogPrefix);

    /// <summary>The revisions of all checkpoints among the names, ascending.</summary>
    public static long[] Checkpoints(IEnumerable<string> names) => Revisions(names, CheckpointPrefix);

    private static long[] Revisions(IEnumerable<string> names, string prefix) =>
    [
        .. names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => long.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : -1)
            .Where(revision => revision >= 0)
            .Order(),
    ];
}
