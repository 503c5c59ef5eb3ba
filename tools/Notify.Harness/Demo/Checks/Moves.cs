using Notify.Edge;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks;

/// <summary>An instance before and after its move to another cloudlet.</summary>
internal sealed record Move(AppInst Before, AppInst After);

/// <summary>Finds instances to move.</summary>
internal static class Moves
{
    /// <summary>An instance of one site whose App the other site does not run; every site runs an App at most once, so the App leaves.</summary>
    /// <exception cref="CheckFailedException">The files have none.</exception>
    public static Move Choose(Oracle oracle, string worldFolder, Site from, Site to)
    {
        var present = oracle.OfTypes("AppInst");
        var instances = SampleFiles.Read(worldFolder)
            .Where(sample => sample.Type == "AppInst")
            .Select(sample => (AppInst)EdgeObjects.Parse(sample))
            .Where(instance => present.Contains(EdgeObjects.Compare(instance)))
            .ToList();
        var known = instances.Where(i => i.CloudletKey.Equals(to.Key)).Select(i => i.AppKey).ToHashSet();
        var chosen = instances.Find(i => i.CloudletKey.Equals(from.Key) && !known.Contains(i.AppKey))
            ?? throw new CheckFailedException($"{to} runs every App that {from} does");
        return new Move(chosen, MovedTo(chosen, to));
    }

    /// <summary>The instance at another site. Clusters stay where they are.</summary>
    public static AppInst MovedTo(AppInst instance, Site site)
    {
        var moved = instance.Clone();
        moved.CloudletKey = site.Key;
        moved.ClusterKey = null;
        return moved;
    }
}
