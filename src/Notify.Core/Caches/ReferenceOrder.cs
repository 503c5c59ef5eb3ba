using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>Reference order: upserts by rising rank, then removals by falling rank; within a rank by type and key.</summary>
internal static class ReferenceOrder
{
    public static List<ObjectChange> Sort(List<ObjectChange> changes, TypeTable types)
    {
        changes.Sort((x, y) => Compare(x.Id, x.New is null, y.Id, y.New is null, types));
        return changes;
    }

    public static int Compare(ObjectId x, bool xRemoved, ObjectId y, bool yRemoved, TypeTable types)
    {
        if (xRemoved != yRemoved)
        {
            return xRemoved ? 1 : -1;
        }

        var (xRank, yRank) = (types.Find(x.Type)?.Rank ?? 0, types.Find(y.Type)?.Rank ?? 0);
        return xRank == yRank ? x.CompareTo(y) : xRemoved ? yRank.CompareTo(xRank) : xRank.CompareTo(yRank);
    }
}
