namespace Notify.Core.Journal;

/// <summary>A stable view of a part of a lane: the chunks it shares. Read it without a lock, in commit order.</summary>
internal sealed class LaneCut(ArraySegment<LaneEntry>[] parts, int count)
{
    public static LaneCut Empty { get; } = new([], 0);

    public int Count { get; } = count;

    public IEnumerable<LaneEntry> Entries => parts.SelectMany(part => part);
}
