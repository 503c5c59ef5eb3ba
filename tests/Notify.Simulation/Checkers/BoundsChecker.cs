using Notify.Core.Journal;
using Notify.Simulation.Nodes;

namespace Notify.Simulation.Checkers;

/// <summary>What a hub remembers is bounded by what lives and by the limits given to it, however long anybody stalls (G8).</summary>
internal static class BoundsChecker
{
    /// <summary>Wakes a session can have waiting: one per lane of its interest and space, and one for handlers.</summary>
    private const int WakesPerSession = 16;

    public static void Check(World world, SimProcess hub)
    {
        foreach (var journal in (ReadOnlySpan<SpaceJournal>)[hub.Mirror.StoredJournal, hub.Mirror.DynamicJournal])
        {
            var live = journal.Snapshot.Tables.Values.Sum(tables => tables.ByKey.Count);
            if (journal.Main.Count > live + world.Faults.TombstonesMax)
            {
                world.Fail("bounds", $"{hub.Id}'s main lane has {journal.Main.Count} entries for {live} objects and at most {world.Faults.TombstonesMax} tombstones.");
            }

            for (var site = 0; site < 4; site++)
            {
                if (journal.FindLane(SimTypes.InSite(site)) is { } lane
                    && lane.Members.Values.Count(member => member.Visible) is var visible
                    && lane.Lane.Count > visible + world.Faults.ScopeMarkersMax)
                {
                    world.Fail("bounds", $"{hub.Id}'s lane of site {site} has {lane.Lane.Count} entries for {visible} objects and at most {world.Faults.ScopeMarkersMax} markers.");
                }
            }
        }

        // A relay's session with its upstream waits for news from below.
        var publishers = hub.Publisher is null ? 0 : 1;
        var sessions = (hub.Node.Plan.IsRelay && hub.IsConnected ? 1 : 0) + world.Links.Count(link => link.Above?.Process == hub && link.Above.IsLive);
        if (hub.Mirror.WakeCount > (sessions * WakesPerSession) + publishers)
        {
            world.Fail("bounds", $"{hub.Id} has {hub.Mirror.WakeCount} wakes for {sessions} sessions.");
        }
    }
}
